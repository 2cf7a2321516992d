import type { FailureReason } from '#messaging/core/failure.ts'
import type { Exchange, RecordedCallback } from '#messaging/providers/contract/case.ts'

const error = (code: number, message: string, more: object = {}): string =>
  JSON.stringify({
    error: { message: `(#${code}) ${message}`, type: 'OAuthException', code, fbtrace_id: 'AbCdEfGh12345678', ...more },
  })

const details = (text: string): object => ({ error_data: { messaging_product: 'whatsapp', details: text } })

const accepted = (status?: string): string =>
  JSON.stringify({
    messaging_product: 'whatsapp',
    contacts: [{ input: '+5511987654321', wa_id: '5511987654321' }],
    messages: [
      {
        id: 'wamid.HBgNNTUxMTk4NzY1NDMyMRUCABEYEjlBMUIyQzNENEU1RjYwNzE4MgA=',
        ...(status !== undefined && { message_status: status }),
      },
    ],
  })

const refused = (
  reason: FailureReason,
  providerCode: string,
  detail: string,
  more: { readonly alert: boolean; readonly fallback: boolean },
): Exchange['means'] => ({ outcome: 'refused', failure: { reason, providerCode, detail, ...more } })

/** Answers in the shapes of Meta's documents and of payloads quoted in issues; ids are fictitious. */
export const exchanges: readonly Exchange[] = [
  {
    name: 'accepted',
    status: 200,
    body: accepted('accepted'),
    means: { outcome: 'accepted', providerMessageId: 'wamid.HBgNNTUxMTk4NzY1NDMyMRUCABEYEjlBMUIyQzNENEU1RjYwNzE4MgA=' },
  },
  { name: 'accepted without a status', status: 200, body: accepted(), means: { outcome: 'accepted' } },
  {
    name: 'held back',
    status: 200,
    body: accepted('held_for_quality_assessment'),
    means: refused('held', 'held_for_quality_assessment', '', { alert: true, fallback: true }),
  },
  { name: '200 without an id', status: 200, body: '{"messaging_product":"whatsapp"}', means: { outcome: 'unknown' } },
  {
    name: 'not on WhatsApp',
    status: 400,
    body: error(131026, 'Message undeliverable', details('Message Undeliverable.')),
    means: refused('not_reachable_on_channel', '131026', 'Message Undeliverable.', { alert: false, fallback: true }),
  },
  {
    name: 'pair limit',
    status: 400,
    body: error(131056, '(Business Account, Consumer Account) pair rate limit hit', details('Too many messages.')),
    means: { outcome: 'deferred', retryAfterMs: 6000 },
  },
  {
    name: 'throughput',
    status: 400,
    body: error(130429, 'Rate limit hit'),
    means: { outcome: 'deferred', retryAfterMs: 2000 },
  },
  {
    name: 'throughput with Retry-After',
    status: 400,
    headers: { 'retry-after': '7' },
    body: error(130429, 'Rate limit hit'),
    means: { outcome: 'deferred', retryAfterMs: 7000 },
  },
  {
    name: 'template missing',
    status: 404,
    body: error(
      132001,
      'Template name does not exist in the translation',
      details('template name (login_code) does not exist in pt_BR'),
    ),
    means: refused('template_unavailable', '132001', 'template name (login_code) does not exist in pt_BR', {
      alert: true,
      fallback: true,
    }),
  },
  {
    name: 'token expired',
    status: 401,
    body: error(190, 'Error validating access token', { error_subcode: 463 }),
    means: refused('sender_misconfigured', '190', 'Error validating access token', { alert: true, fallback: true }),
  },
  {
    name: 'permission family',
    status: 403,
    body: error(278, 'Permission'),
    means: refused('sender_misconfigured', '278', 'Permission', { alert: true, fallback: true }),
  },
  {
    name: 'a number that is gone',
    status: 400,
    body: error(100, "Unsupported post request. Object with ID '106540352242922' does not exist", {
      type: 'GraphMethodException',
      error_subcode: 33,
    }),
    means: refused('sender_misconfigured', '100/33', "Unsupported post request. Object with ID '…' does not exist", {
      alert: true,
      fallback: true,
    }),
  },
  {
    name: 'another subcode of 100',
    status: 400,
    body: error(100, 'Invalid parameter', { error_subcode: 2388040 }),
    means: refused('request_rejected', '100', 'Invalid parameter', { alert: true, fallback: true }),
  },
  {
    name: 'the number of the sender itself',
    status: 400,
    body: error(131021, 'Recipient cannot be sender'),
    means: refused('recipient_invalid', '131021', 'Recipient cannot be sender', { alert: false, fallback: false }),
  },
  {
    name: 'a type it does not take',
    status: 400,
    body: error(131051, 'Unsupported message type'),
    means: refused('request_rejected', '131051', 'Unsupported message type', { alert: true, fallback: true }),
  },
  {
    name: 'an edge for marketing only',
    status: 400,
    body: error(134100, 'Only marketing messages supported'),
    means: refused('request_rejected', '134100', 'Only marketing messages supported', { alert: true, fallback: true }),
  },
  {
    name: 'error_data is a string that holds the code',
    status: 400,
    body: error(100, 'Invalid parameter', { error_data: 'Parameter 4839201 of +5511987654321' }),
    means: refused('request_rejected', '100', 'Parameter … of …', { alert: true, fallback: true }),
  },
  {
    name: 'account changed hands',
    status: 400,
    body: error(137000, 'Identity key mismatch'),
    means: refused('identity_changed', '137000', 'Identity key mismatch', { alert: false, fallback: false }),
  },
  {
    name: 'a code nobody has seen',
    status: 400,
    body: error(999999, 'New'),
    means: refused('unspecified', '999999', 'New', { alert: true, fallback: true }),
  },
  {
    name: 'something went wrong',
    status: 500,
    body: error(131000, 'Something went wrong'),
    means: { outcome: 'deferred', retryAfterMs: 2000 },
  },
  {
    name: '502 of a proxy',
    status: 502,
    body: '<html><title>Bad Gateway</title></html>',
    means: { outcome: 'unknown' },
  },
  { name: '429 of a proxy', status: 429, body: 'slow down', means: { outcome: 'deferred' } },
]

const reference = '0190a000000070008000000000000001.0190a000000070008000000000000002'

const webhook = (value: object): string =>
  JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '102290129340398',
        changes: [
          {
            field: 'messages',
            value: {
              messaging_product: 'whatsapp',
              metadata: { display_phone_number: '15550783881', phone_number_id: '106540352242922' },
              ...value,
            },
          },
        ],
      },
    ],
  })
    .replaceAll('/', '\\/')
    .replaceAll('ë', '\\u00eb')

const status = (word: string, more: object = {}): object => ({
  id: 'wamid.HBgN1',
  status: word,
  timestamp: '1795300012',
  recipient_id: '5511987654321',
  biz_opaque_callback_data: reference,
  ...more,
})

export const callbacks: readonly RecordedCallback[] = [
  {
    name: 'delivered, in the form of 2026',
    body: webhook({
      contacts: [{ wa_id: '5511987654321', user_id: 'BR.13491208655302741918', profile: { name: 'Zoë' } }],
      statuses: [
        status('delivered', {
          pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category: 'authentication' },
        }),
      ],
    }),
    receipts: [{ reference, providerMessageId: 'wamid.HBgN1', status: 'delivered', at: new Date(1795300012000) }],
  },
  {
    name: 'several at once, one of a kind nobody knows',
    body: webhook({ statuses: [status('sent'), status('warning'), status('read')] }),
    receipts: [{ status: 'sent' }, { status: 'read' }],
  },
  {
    name: 'failed',
    body: webhook({
      statuses: [
        status('failed', {
          errors: [
            {
              code: 131026,
              title: 'Message undeliverable',
              message: 'Message undeliverable',
              error_data: { details: 'Message Undeliverable.' },
              href: '/documentation',
            },
          ],
        }),
      ],
    }),
    receipts: [
      {
        status: 'failed',
        failure: {
          reason: 'not_reachable_on_channel',
          providerCode: '131026',
          detail: 'Message Undeliverable.',
          alert: false,
          fallback: true,
        },
      },
    ],
  },
  {
    name: 'the button of somebody who did not ask',
    body: webhook({
      messages: [
        {
          from: '5511987654321',
          id: 'wamid.IN2',
          timestamp: '1795300100',
          type: 'button',
          context: { from: '15550783881', id: 'wamid.OUT9' },
          button: { payload: 'DID_NOT_REQUEST_CODE', text: 'x' },
        },
      ],
    }),
    receipts: [],
    denials: 1,
  },
  {
    name: 'a text of a person',
    body: webhook({
      messages: [
        { from: '5511987654321', id: 'wamid.IN3', timestamp: '1795300100', type: 'text', text: { body: 'hello' } },
      ],
    }),
    receipts: [],
  },
]
