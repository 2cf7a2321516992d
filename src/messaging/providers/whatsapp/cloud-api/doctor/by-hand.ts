import type { ByHand } from '#messaging/core/provider-account.ts'

/** Where Meta shows the same as the doctor. */
export const byHand = (webhookUrl: string): readonly ByHand[] => [
  {
    check: 'network',
    what: 'curl -sSI https://graph.facebook.com from this machine: any answer will do. A firewall or proxy has to let it through.',
  },
  {
    check: 'access token',
    what: 'business.facebook.com → Settings → System users: it never expires, with whatsapp_business_messaging and whatsapp_business_management.',
  },
  { check: 'number', what: 'WhatsApp Manager → Phone numbers: connected, with a name that is approved.' },
  {
    check: 'template',
    what: 'WhatsApp Manager → Message templates: authentication, active, in each language that you send.',
  },
  {
    check: 'webhook',
    what: `developers.facebook.com → your app → WhatsApp → Configuration: ${webhookUrl}, field messages.`,
  },
]
