import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Finding } from '#messaging/core/finding.ts'
import type { Examination } from '#messaging/core/provider-account.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { examine as examineSender } from './examine.ts'
import {
  type Account,
  appId,
  entity,
  graphOf,
  now,
  patient,
  scopes,
  webhookUrl,
  wellAccount,
  wellExamination,
} from './well-account.ts'

const examine = (
  account: Partial<Account> = {},
  sender: Partial<Sender> = {},
  facts: Partial<Examination> = {},
): Promise<Finding[]> =>
  examineSender(
    { ...patient, ...sender },
    { ...wellExamination, call: graphOf({ ...wellAccount, ...account }), ...facts },
  )

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
