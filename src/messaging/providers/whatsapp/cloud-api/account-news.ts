import type { Finding } from '#messaging/core/finding.ts'
import type { NewsItem } from '#messaging/core/news.ts'
import type { NoticeKind } from '#messaging/core/notice.ts'
import { vendorText } from '#messaging/providers/vendor-text.ts'
import { shorten } from '#platform/core/storable-text.ts'
import { type Fields, fieldsOf, listOf, wordOf } from './fields.ts'

/** What Meta tells of account, number and templates, a field each. Of a field that is not in here nothing is kept. */
export function* readNotice({ field, value }: { field: string; value: Fields }, at: Date): Generator<NewsItem> {
  if (!Object.hasOwn(readers, field)) return
  const { kind, read } = readers[field] as Reader
  yield { kind: 'notice', notice: { kind, at, ...read(value) } }
}

interface Reader {
  readonly kind: NoticeKind
  readonly read: (value: Fields) => Finding
}

const word = (value: unknown): string => shorten(wordOf(value), 100)

const finding = (check: string, state: Finding['state'], detail: string, mend?: string): Finding => ({
  check,
  state,
  detail: shorten(detail, 500),
  ...(state !== 'ok' && mend !== undefined && { mend }),
})

const inManager = 'WhatsApp Manager → Account overview tells more.'

const stateOf = (told: unknown, states: { readonly ok: RegExp; readonly problem: RegExp }): Finding['state'] =>
  states.problem.test(word(told)) ? 'problem' : states.ok.test(word(told)) ? 'ok' : 'warning'

/** `name (language)`: Meta prints the language as `pt-BR` and as `pt_BR`. */
const templateOf = (value: Fields): string =>
  `template ${word(value['message_template_name'])} (${word(value['message_template_language']).replaceAll('-', '_')})`

/** Of an account with several numbers: which one is meant, without telling it whole. */
const numberOf = (value: Fields): string => {
  const { display_phone_number: shown } = value
  return typeof shown === 'string' ? ` of …${shown.slice(-4)}` : ''
}

function templateStatus(value: Fields): Finding {
  const { event, reason, other_info: other, rejection_info: rejection } = value
  const { description, title } = fieldsOf(other)
  const why = [reason === 'NONE' ? undefined : reason, fieldsOf(rejection)['reason'], title, description]
    .filter((one) => typeof one === 'string' && one !== '')
    .map(vendorText)
  const state = stateOf(event, {
    ok: /^(APPROVED|REINSTATED|UNPAUSED)$/,
    problem: /^(REJECTED|PAUSED|DISABLED|DELETED|LIMIT_EXCEEDED)$/,
  })
  const detail = `It is ${word(event)}${why.length > 0 ? `: ${why.join(' ')}` : ''}.`
  return finding(
    templateOf(value),
    state,
    detail,
    'WhatsApp Manager → Message templates; `centang templates` makes those for codes anew.',
  )
}

function templateCategory(value: Fields): Finding {
  const { new_category: now, correct_category: correct, previous_category: before } = value
  const detail =
    correct === undefined
      ? `Its category is ${word(now)}${before === undefined ? '' : `, no longer ${word(before)}`}.`
      : `Meta will make it ${word(correct)}; it is ${word(now ?? value['category'])}.`
  const mend =
    'Codes go out by AUTHENTICATION alone; ask for a review in WhatsApp Manager → Message templates, or change the text.'
  return finding(`category of ${templateOf(value)}`, 'warning', detail, mend)
}

function templateQuality(value: Fields): Finding {
  const { new_quality_score: now, previous_quality_score: before } = value
  const state = stateOf(now, { ok: /^(GREEN|UNKNOWN)$/, problem: /^RED$/ })
  return finding(
    `quality of ${templateOf(value)}`,
    state,
    `It is ${word(now)}, after ${word(before)}.`,
    'People block or report what it says: look at who gets it.',
  )
}

function accountUpdate(value: Fields): Finding {
  const {
    event,
    ban_info: ban,
    violation_info: violation,
    restriction_info: restrictions,
    disconnection_info: lost,
  } = value
  const why = [
    fieldsOf(violation)['violation_type'],
    fieldsOf(ban)['waba_ban_state'],
    ...listOf(restrictions).map((one) => one['restriction_type']),
    fieldsOf(lost)['reason'],
  ]
    .filter((one) => typeof one === 'string')
    .map(word)
  const isBack = why.includes('REINSTATE')
  const isBad =
    /^(ACCOUNT_(DELETED|VIOLATION|RESTRICTION|OFFBOARDED)|DISABLED_UPDATE|PARTNER_(REMOVED|APP_UNINSTALLED))$/.test(
      word(event),
    )
  const detail = `${word(event)}${why.length > 0 ? `: ${why.join(', ')}` : ''}.`
  return finding(
    isBad || isBack ? 'account' : `account ${word(event)}`,
    isBad && !isBack ? 'problem' : 'ok',
    detail,
    inManager,
  )
}

function accountAlert(value: Fields): Finding {
  const told = { ...value, ...fieldsOf(value['alert_info']) }
  const { alert_severity: severity, alert_status: status, alert_type: type, alert_description: description } = told
  const isOver = /^(RESOLVED|NONE)$/.test(word(status))
  const state = isOver || word(severity).startsWith('INFO') ? 'ok' : severity === 'CRITICAL' ? 'problem' : 'warning'
  return finding(`alert ${word(type)}`, state, `${word(severity)}: ${vendorText(description)}`, inManager)
}

function quality(value: Fields): Finding {
  const { event, current_limit: limit, max_daily_conversations_per_business: most } = value
  const state = stateOf(event, { ok: /^(ONBOARDING|UPGRADE|THROUGHPUT_UPGRADE|UNFLAGGED)$/, problem: /^FLAGGED$/ })
  const told = most ?? limit
  const mend = 'Send codes only to people who asked for one; look at the start requests that are never checked.'
  return finding(
    `quality${numberOf(value)}`,
    state,
    `${word(event)}${told === undefined ? '' : `, limit ${word(told)}`}.`,
    mend,
  )
}

const decision =
  (check: string, mend: string) =>
  (value: Fields): Finding => {
    const { decision: told, rejection_reason: reason } = value
    const state = stateOf(told, { ok: /^APPROVED$/, problem: /^REJECTED$/ })
    return finding(
      `${check}${numberOf(value)}`,
      state,
      `${word(told)}${typeof reason === 'string' ? `: ${vendorText(reason)}` : ''}.`,
      mend,
    )
  }

const readers: Readonly<Record<string, Reader>> = {
  account_update: { kind: 'account', read: accountUpdate },
  account_review_update: { kind: 'account', read: decision('account review', inManager) },
  account_alerts: { kind: 'account', read: accountAlert },
  business_status_update: {
    kind: 'account',
    read: (value) => finding('business', 'warning', `${word(value['event'] ?? value['status'])}.`, inManager),
  },
  business_capability_update: {
    kind: 'account',
    read: (value) => {
      const { max_daily_conversations_per_business: most, max_daily_conversation_per_phone: of } = value
      return finding('limit', 'ok', `People who may be written to in 24 hours: ${word(most ?? of)}.`)
    },
  },
  message_template_status_update: { kind: 'template', read: templateStatus },
  message_template_quality_update: { kind: 'template', read: templateQuality },
  message_template_components_update: {
    kind: 'template',
    read: (value) => finding(`text of ${templateOf(value)}`, 'ok', 'Its text or its buttons were changed.'),
  },
  template_category_update: { kind: 'template', read: templateCategory },
  template_correct_category_detection: { kind: 'template', read: templateCategory },
  phone_number_quality_update: { kind: 'number', read: quality },
  phone_number_name_update: {
    kind: 'number',
    read: decision('display name', 'WhatsApp Manager → Phone numbers → Profile: ask for the name again.'),
  },
  business_username_updates: {
    kind: 'number',
    read: (value) =>
      finding(`username${numberOf(value)}`, 'ok', `${word(value['username'])} is ${word(value['status'])}.`),
  },
  security: {
    kind: 'security',
    read: (value) =>
      finding(
        `two-step PIN${numberOf(value)}`,
        'warning',
        `${word(value['event'])}.`,
        'If it was none of you: change the PIN in WhatsApp Manager → Phone numbers → Two-step verification.',
      ),
  },
}
