import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Sender } from '#messaging/core/channel.ts'
import type { Finding } from './doctor/finding.ts'
import { type DoctorFacts, examineWhatsApp } from './doctor.ts'
import type { GraphCall } from './template.ts'

const appId = '634974688087057'
const phoneId = '106540352242922'
const wabaId = '102290129340398'
const webhookUrl = 'https://verify.example.test/webhooks/snd_1'
const now = new Date('2026-11-24T10:00:00Z')

const patient: Sender = {
  id: '0190a000-0000-7000-8000-000000000003',
  businessId: '0190a000-0000-7000-8000-000000000001',
  live: true,
  channel: 'whatsapp',
  provider: 'whatsapp-cloud-api',
  purpose: 'authentication',
  config: {
    phone_number_id: phoneId,
    waba_id: wabaId,
    template_name: 'login_code',
    template_minutes: [1, 5],
    template_languages: ['id', 'en_US'],
  },
  secrets: {
    access_token: 'EAAtoken-of-the-test',
    app_secret: 'app secret of the test',
    verify_token: 'verify token of the test',
  },
}

const template = (name: string, language: string, ttl: number | string) => ({
  name,
  language,
  status: 'APPROVED',
  category: 'AUTHENTICATION',
  message_send_ttl_seconds: ttl,
})

const scopes = ['whatsapp_business_messaging', 'whatsapp_business_management']
const entity = (type: string) => ({ entity_type: type, id: '1', can_send_message: 'AVAILABLE' })

/** What Meta answers about an account that is well, by node and edge, in the shapes of its documents. */
const wellAccount = {
  token: { data: { app_id: appId, is_valid: true, expires_at: 0, scopes } } as object,
  subscriptions: {
    data: [
      { object: 'page', callback_url: 'https://other.example.test', active: true, fields: [{ name: 'feed' }] },
      {
        object: 'whatsapp_business_account',
        callback_url: webhookUrl,
        active: true,
        fields: [
          { name: 'messages', version: 'v24.0' },
          { name: 'account_update', version: 'v24.0' },
        ],
      },
    ],
  } as object,
  number: {
    id: phoneId,
    display_phone_number: '+55 11 98765-4321',
    verified_name: 'Padaria Sol',
    status: 'CONNECTED',
    name_status: 'APPROVED',
    quality_rating: 'GREEN',
    code_verification_status: 'VERIFIED',
    whatsapp_business_manager_messaging_limit: 'TIER_2K',
    health_status: { can_send_message: 'AVAILABLE', entities: [entity('PHONE_NUMBER'), entity('WABA')] },
    webhook_configuration: { application: webhookUrl },
  } as object,
  numbers: { data: [{ id: '1' }, { id: phoneId }] } as object,
  templates: [
    template('login_code_1m', 'id', 45),
    template('login_code_1m', 'en_US', '45'),
    template('login_code_5m', 'id', 285),
    template('login_code_5m', 'en_US', 285),
  ] as object[],
  apps: { data: [{ whatsapp_business_api_data: { id: appId, name: 'Verify' } }] } as object,
}
type Account = typeof wellAccount

const refusal = { error: { message: 'Invalid OAuth access token signature.', type: 'OAuthException', code: 190 } }

/** Answers as Meta does: the app's own edge to the app's token, everything else to the sender's. */
const graphOf =
  (account: Account): GraphCall =>
  async ({ url, headers }) => {
    const { pathname, searchParams } = new URL(url)
    const answer = (body: object, status = 200) => ({ status, body: JSON.stringify(body) })
    if (pathname === `/v24.0/${appId}/subscriptions`) {
      assert.equal(headers['authorization'], undefined, 'the token of the sender would be taken instead')
      const isRight = searchParams.get('access_token') === `${appId}|app secret of the test`
      return isRight ? answer(account.subscriptions) : answer(refusal, 400)
    }
    assert.equal(headers['authorization'], `Bearer ${patient.secrets['access_token']}`)
    switch (pathname) {
      case '/v24.0/debug_token':
        return answer(account.token)
      case `/v24.0/${phoneId}`:
        return answer(account.number)
      case `/v24.0/${wabaId}/phone_numbers`:
        return answer(account.numbers)
      case `/v24.0/${wabaId}/message_templates`:
        return answer({ data: account.templates })
      case `/v24.0/${wabaId}/subscribed_apps`:
        return answer(account.apps)
      default:
        return answer({ error: { message: 'Unsupported get request.', code: 100, error_subcode: 33 } }, 400)
    }
  }

/** A server that answers the handshake as ours does. */
const askOurs: DoctorFacts['ask'] = async (url) => {
  const query = new URL(url).searchParams
  const isRight = query.get('hub.mode') === 'subscribe' && query.get('hub.verify_token') === 'verify token of the test'
  return isRight ? { status: 200, body: query.get('hub.challenge') ?? '' } : { status: 403, body: '' }
}

const examine = (
  account: Partial<Account> = {},
  sender: Partial<Sender> = {},
  facts: Partial<DoctorFacts> = {},
): Promise<Finding[]> =>
  examineWhatsApp({ ...patient, ...sender }, graphOf({ ...wellAccount, ...account }), {
    webhookUrl,
    ask: askOurs,
    expiresInSeconds: 300,
    now,
    ...facts,
  })

const withConfig = (config: object): Partial<Sender> => ({ config: { ...patient.config, ...config } })
const withSecrets = (secrets: Record<string, string>): Partial<Sender> => ({
  secrets: { ...patient.secrets, ...secrets },
})
const number = (more: object): Partial<Account> => ({ number: { ...wellAccount.number, ...more } })
const token = (more: object): Partial<Account> => ({
  token: { data: { ...(wellAccount.token as { data: object }).data, ...more } },
})
const templates = (more: object): Partial<Account> => ({
  templates: wellAccount.templates.map((one) => ({ ...one, ...more })),
})
const health = (more: object): Partial<Account> =>
  number({ health_status: { entities: [entity('PHONE_NUMBER'), { ...entity('WABA'), ...more }] } })
const subscription = (more: object): Partial<Account> => ({
  subscriptions: { data: [{ object: 'whatsapp_business_account', fields: ['messages'], active: true, ...more }] },
})

const sick: readonly [string, Finding['state'], RegExp, () => Promise<Finding[]>][] = [
  ['access token', 'problem', /does not accept it/, () => examine(token({ is_valid: false }))],
  [
    'access token',
    'problem',
    /permission whatsapp_business_management is missing/,
    () => examine(token({ scopes: scopes.slice(0, 1) })),
  ],
  [
    'access token',
    'warning',
    /ends in 3 days/,
    () => examine(token({ expires_at: now.getTime() / 1000 + 3.5 * 86_400 })),
  ],
  ['app secret', 'problem', /Invalid OAuth/, () => examine({}, withSecrets({ app_secret: 'of another app' }))],
  ['app secret', 'warning', /could not be tried/, () => examine(token({ app_id: undefined }))],
  ['webhook', 'problem', /not subscribed to the field messages/, () => examine({ subscriptions: { data: [] } })],
  ['webhook', 'problem', /not subscribed to the field messages/, () => examine(subscription({ active: false }))],
  ['webhook', 'problem', /not subscribed to the field messages/, () => examine(subscription({ fields: ['flows'] }))],
  ['number', 'problem', /does not show a number 99999/, () => examine({}, withConfig({ phone_number_id: '99999' }))],
  ['number', 'problem', /does not belong to the account/, () => examine({ numbers: { data: [{ id: '1' }] } })],
  ['number', 'problem', /status is DISCONNECTED/, () => examine(number({ status: 'DISCONNECTED' }))],
  ['number', 'warning', /not verified/, () => examine(number({ code_verification_status: 'EXPIRED' }))],
  ['display name', 'warning', /name is DECLINED/, () => examine(number({ name_status: 'DECLINED' }))],
  ['quality', 'warning', /blocked or reported/, () => examine(number({ quality_rating: 'RED' }))],
  [
    'health',
    'warning',
    /WABA is LIMITED: Your business has not passed verification\./,
    () =>
      examine(health({ can_send_message: 'LIMITED', additional_info: ['Your business has not passed verification.'] })),
  ],
  [
    'health',
    'problem',
    /WABA is BLOCKED: There was an error with the payment method\./,
    () =>
      examine(
        health({
          can_send_message: 'BLOCKED',
          errors: [
            {
              error_code: 141_006,
              error_description: 'There was an error with the payment method.',
              possible_solution: 'Add a payment method.',
            },
          ],
        }),
      ),
  ],
  ['health', 'problem', /WABA is BLOCKED: no reason given/, () => examine(health({ can_send_message: 'BLOCKED' }))],
  ['template', 'problem', /no template other_1m/, () => examine({}, withConfig({ template_name: 'other' }))],
  [
    'template',
    'problem',
    /login_code_5m does not exist in fr/,
    () => examine({}, withConfig({ template_languages: ['id', 'fr'] })),
  ],
  ['template', 'problem', /category UTILITY/, () => examine(templates({ category: 'UTILITY' }))],
  ['template', 'problem', /is PAUSED/, () => examine(templates({ status: 'PAUSED' }))],
  ['template', 'problem', /is REJECTED/, () => examine(templates({ status: 'REJECTED' }))],
  [
    'template',
    'warning',
    /login_code_1m \(id\) may be delivered after its code has expired \(60 s against 45 s\)/,
    () => examine(templates({ message_send_ttl_seconds: 60 })),
  ],
  ['template', 'warning', /600 s against 285 s/, () => examine(templates({ message_send_ttl_seconds: undefined }))],
  ['template', 'warning', /-1 s against/, () => examine(templates({ message_send_ttl_seconds: -1 }))],
  [
    'template',
    'problem',
    /WhatsApp is never used/,
    () => examine({}, withConfig({ template_minutes: [5] }), { expiresInSeconds: 240 }),
  ],
  ['template', 'warning', /less than 5 minutes left/, () => examine({}, withConfig({ template_minutes: [5] }))],
  ['webhook', 'problem', /No app is subscribed/, () => examine({ apps: { data: [] } })],
  [
    'webhook',
    'problem',
    /tells its news to the app 77, not to 634974688087057/,
    () => examine({ apps: { data: [{ whatsapp_business_api_data: { id: '77' } }] } }),
  ],
  [
    'webhook',
    'problem',
    /receipts to https:\/\/of-the-number/,
    () =>
      examine(number({ webhook_configuration: { phone_number: 'https://of-the-number', application: webhookUrl } })),
  ],
  [
    'webhook',
    'problem',
    /receipts to https:\/\/of-the-account/,
    () =>
      examine({
        apps: {
          data: [{ whatsapp_business_api_data: { id: appId }, override_callback_uri: 'https://of-the-account' }],
        },
      }),
  ],
  [
    'webhook',
    'problem',
    /no URL to send receipts to/,
    () => examine({ ...number({ webhook_configuration: undefined }), ...subscription({}) }),
  ],
  [
    'webhook',
    'problem',
    /only https URLs/,
    () => examine({}, {}, { webhookUrl: 'http://verify.example.test/webhooks/snd_1' }),
  ],
  ['handshake', 'problem', /answers HTTP 403/, () => examine({}, withSecrets({ verify_token: 'of another server' }))],
  [
    'handshake',
    'problem',
    /something else than the challenge/,
    () => examine({}, {}, { ask: async () => ({ status: 200, body: '<html>' }) }),
  ],
  [
    'handshake',
    'warning',
    /can't be reached from here \(ECONNREFUSED\)/,
    () => examine({}, {}, { ask: () => Promise.reject(new Error('ECONNREFUSED')) }),
  ],
]

describe('the doctor', () => {
  it('finds nothing wrong with an account that is well', async () => {
    const findings = await examine()
    assert.deepEqual(
      findings.filter(({ state }) => state !== 'ok'),
      [],
    )
    assert.deepEqual(
      [...new Set(findings.map(({ check }) => check))],
      ['access token', 'app secret', 'number', 'template', 'webhook', 'handshake'],
    )
  })

  for (const [check, state, detail, look] of sick) {
    it(`reports a ${state} of the ${check}: ${detail.source}`, async () => {
      const findings = await look()
      const found = findings.find((one) => one.check === check && detail.test(one.detail))
      assert.equal(found?.state, state, JSON.stringify(findings))
      assert.ok((found.mend ?? '').length > 10, 'it says what to do')
      const worse = findings.filter((one) => one.state === 'problem' && one.check !== check)
      assert.deepEqual(worse, [], 'one fault is not reported as others')
    })
  }

  it('repeats no secret, whatever is wrong', async () => {
    for (const [, , , look] of sick) {
      const said = JSON.stringify(await look())
      for (const secret of Object.values(patient.secrets)) assert.ok(!said.includes(secret), said)
    }
  })
})
