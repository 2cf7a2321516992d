import type { SenderPurpose } from '#messaging/core/sender.ts'

const newToken =
  'Make a new token for the system user (Business settings → System users), with whatsapp_business_messaging and whatsapp_business_management; then `centang senders update`.'
const rights =
  'Give the system user the app and the WhatsApp account (Business settings → System users → Assigned assets), then make a new token; `centang senders update`.'
const templates = 'Run `centang templates` for this sender, and wait until Meta has approved them.'
const category =
  'The template is of the wrong category: Meta takes it for marketing. Codes go out by a template of category AUTHENTICATION; `centang templates` makes it.'
const parameters =
  'The template at Meta has other parts than this server fills in: run `centang templates`, or compare the parameters of the message with the template.'

/** What to do about a code of the Graph API, where more can be said than "ask the doctor". */
const mends: Readonly<Record<string, string>> = {
  10: rights,
  190: newToken,
  104: newToken,
  131005: rights,
  131030:
    "The sender is one of Meta's test numbers, which reach only the recipients that are listed under App dashboard → WhatsApp → API Setup. Add the recipient there, or send from a number of your own.",
  131031: 'The account is locked: WhatsApp Manager → Account overview tells why and takes an appeal.',
  131037: 'The display name waits for approval: WhatsApp Manager → Phone numbers → Profile.',
  131042:
    'There is no way to pay for the messages: add a payment method under WhatsApp Manager → Account → Payment settings, and look for an open invoice.',
  132000: parameters,
  132001: templates,
  132005: parameters,
  132008: parameters,
  132012: parameters,
  132015: 'The template is paused for its quality; it comes back by itself after 3 or 6 hours, or after an edit.',
  132016: 'The template is disabled for its quality: make another one, with another template_name.',
  132018: parameters,
  133010: 'Register the number: POST /{phone_number_id}/register with a six-digit PIN.',
}

/** Meta spells it in several ways, under several codes. */
const notLive =
  /\b(app|application)\b.*\b(not|n['’]t|un)[ -]?(yet )?(in )?(live|published)\b|development mode|unpublished app/i
const goLive = 'The app is not live: App dashboard → App settings → Basic, then switch App Mode to Live (or Publish).'

export function mendOf(code: string, detail: string, purpose: SenderPurpose | undefined): string | undefined {
  if (notLive.test(detail)) return goLive
  if (['130472', '131049', '131050'].includes(code)) return purpose === 'authentication' ? category : undefined
  if (Object.hasOwn(mends, code)) return mends[code]
  return /^2\d\d$/.test(code) ? rights : undefined
}
