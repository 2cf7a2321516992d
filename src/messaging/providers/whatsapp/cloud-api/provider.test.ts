import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import { contractMessage } from '#messaging/providers/contract/case.ts'
import { told } from '#messaging/providers/contract/told.ts'
import { channelProviderContract } from '#messaging/providers/contract/contract.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { createProviderHttp } from '#messaging/providers/http.ts'
import { invalidFields } from '#messaging/providers/validate.ts'
import type { ProviderRequest } from '#messaging/core/provider-call.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { provider } from './provider.ts'
import { nearestLanguage, templateFor } from './config.ts'
import { patient, wellExamination } from './doctor/well-account.ts'
import { exchanges, callbacks } from './exchanges.ts'
import { templates } from './templates.ts'

const senderAt = (origin: string): Sender => ({
  id: '0190a000-0000-7000-8000-000000000003',
  businessId: '0190a000-0000-7000-8000-000000000001',
  live: false,
  channel: 'whatsapp',
  provider: 'whatsapp-cloud-api',
  purpose: 'authentication',
  config: {
    phone_number_id: '106540352242922',
    waba_id: '102290129340398',
    template_name: 'login_code',
    base_url: origin,
  },
  secrets: {
    access_token: 'EAAtoken-of-the-test',
    app_secret: 'app secret of the test',
    verify_token: 'verify token of the test',
  },
})
const now = new Date('2026-11-24T10:00:00Z')
const sender = senderAt('https://graph.facebook.com')

const sign = (body: string): { headers: Record<string, string> } => ({
  headers: {
    'x-hub-signature-256': `sha256=${createHmac('sha256', 'app secret of the test').update(body).digest('hex')}`,
  },
})

const facts = {
  access_token: 'EAAtoken-of-the-test',
  app_secret: 'app secret of the test',
  verify_token: 'verify token of the test',
  version: 'v26.0',
  waba_id: '102290129340398',
  phone_number_id: '106540352242922',
  service_phone_number_id: '106540352242933',
}
const well = { sender: patient, examination: wellExamination }

channelProviderContract(provider, { senderAt, exchanges, callbacks, sign, well, facts })

/** What Meta is asked to make. */
async function templatesMade(config: object): Promise<any[]> {
  const asked: ProviderRequest[] = []
  await templates.create({ ...sender, config: { ...sender.config, ...config } }, async (wanted) => {
    asked.push(wanted)
    return { status: 200, body: '{"data":[]}' }
  })
  return asked.map(({ body }) => JSON.parse(body ?? ''))
}

describe('the Cloud API', () => {
  it('gets the code in the body and in the button, as Meta documents it', () => {
    const { url, headers, body } = provider.toRequest(contractMessage, sender)
    assert.equal(url, 'https://graph.facebook.com/v26.0/106540352242922/messages')
    assert.equal(headers['authorization'], 'Bearer EAAtoken-of-the-test')
    const code = [{ type: 'text', text: '4839201' }]
    assert.deepEqual(JSON.parse(body ?? ''), {
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '+5511987654321',
      biz_opaque_callback_data: contractMessage.reference,
      type: 'template',
      template: {
        name: 'login_code_5m',
        language: { code: 'pt_BR' },
        components: [
          { type: 'body', parameters: code },
          { type: 'button', sub_type: 'url', index: '0', parameters: code },
        ],
      },
    })
  })

  it('is asked for the nearest language there is', () => {
    const languages = ['en_US', 'id', 'es_ES', 'es_MX', 'pt_BR']
    const cases = {
      'es-MX': 'es_MX',
      es: 'es_ES',
      'es-AR': 'es_ES',
      pt: 'pt_BR',
      'pt-BR': 'pt_BR',
      id: 'id',
      en: 'en_US',
      hi: 'en_US',
    }
    for (const [locale, language] of Object.entries(cases))
      assert.equal(nearestLanguage(locale, languages), language, locale)
    assert.equal(nearestLanguage('hi', ['fr']), 'fr')
  })

  it('is asked for the longest template that does not outlive the code', () => {
    const config = { template_name: 'code', waba_id: '1', phone_number_id: '1' }
    const cases = [
      [44, undefined],
      [45, 'code_1m'],
      [60, 'code_1m'],
      [240, 'code_3m'],
      [284, 'code_3m'],
      [285, 'code_5m'],
      [300, 'code_5m'],
      [420, 'code_5m'],
      [600, 'code_10m'],
    ] as const
    for (const [seconds, name] of cases) {
      const template = templateFor(config, seconds)
      assert.equal(template?.name, name, String(seconds))
      assert.ok((template?.ttlSeconds ?? 0) <= seconds, 'a message that is late arrives before the code dies')
    }
    assert.equal(templateFor({ ...config, template_minutes: [10, 3] }, 240)?.name, 'code_3m')
    assert.equal(templateFor({ ...config, template_minutes: [10, 3] }, 100), undefined)
  })

  it('is not asked at all when the code would be dead before its shortest template', async () => {
    const http = createProviderHttp({ allowedHosts: [], simulatorOrigin: () => 'http://127.0.0.1:9' })
    const patient = senderAt('http://127.0.0.1:9')
    const result = await http.send(provider, { ...contractMessage, expiresInSeconds: 20 }, patient)
    await http.close()
    assert.partialDeepStrictEqual(result, {
      outcome: 'refused',
      failure: { reason: 'expired', alert: false, fallback: true },
    })
  })

  it('is given templates for every lifetime, which die with their code', async () => {
    const [first, ...rest] = await templatesMade({})
    assert.deepEqual(first, {
      name: 'login_code_1m',
      languages: ['en_US', 'id', 'es', 'pt_BR'],
      category: 'AUTHENTICATION',
      message_send_ttl_seconds: 45,
      components: [
        { type: 'BODY', add_security_recommendation: true },
        { type: 'FOOTER', code_expiration_minutes: 1 },
        { type: 'BUTTONS', buttons: [{ type: 'OTP', otp_type: 'COPY_CODE' }] },
      ],
    })
    assert.deepEqual(
      rest.map(({ name, message_send_ttl_seconds: ttl }) => [name, ttl]),
      [
        ['login_code_2m', 105],
        ['login_code_3m', 165],
        ['login_code_5m', 285],
        ['login_code_10m', 585],
      ],
    )
  })

  it('is given one-tap templates when there are apps, without labels: an upsert takes none', async () => {
    const apps = [{ package_name: 'id.demobank.app', signature_hash: 'K8a/AINcGX7' }]
    const [made] = await templatesMade({ template_apps: apps, template_minutes: [5] })
    assert.deepEqual(made.components[2].buttons, [{ type: 'OTP', otp_type: 'ONE_TAP', supported_apps: apps }])
    for (const [wrong, path] of [
      [[{ package_name: 'demobank', signature_hash: 'K8a/AINcGX7' }], 'config/template_apps/0/package_name'],
      [[{ package_name: 'id.demobank', signature_hash: 'K8a/AINcGX' }], 'config/template_apps/0/signature_hash'],
      [[], 'config/template_apps'],
    ] as const) {
      const errors = await invalidFields({ ...sender, config: { ...sender.config, template_apps: wrong } })
      assert.deepEqual(
        errors.map((one) => one.path),
        [path],
      )
    }
  })

  it('is answered when it asks whether the URL is ours, and only then', () => {
    const ask = (query: Record<string, string>) =>
      provider.answerHandshake?.({ method: 'GET', receivedAt: now, headers: {}, body: Buffer.alloc(0), query }, sender)
    const asked = {
      'hub.mode': 'subscribe',
      'hub.challenge': '1158201444',
      'hub.verify_token': 'verify token of the test',
    }
    assert.deepEqual(ask(asked), { status: 200, body: '1158201444' })
    assert.throws(
      () => ask({ ...asked, 'hub.verify_token': 'x' }),
      (error) => error instanceof Refusal && error.code === 'webhook_token_invalid',
    )
    assert.throws(() => ask({ ...asked, 'hub.challenge': '<script>' }))
    assert.equal(ask({}), undefined)
  })

  it('may sign in upper case, and is not believed when its body is not JSON', () => {
    const webhook = (body: string) => {
      const signature = createHmac('sha256', 'app secret of the test').update(body).digest('hex').toUpperCase()
      const { receipts, denials, messages } = told(
        provider.readNews(
          {
            method: 'POST',
            receivedAt: now,
            query: {},
            headers: { 'x-hub-signature-256': `sha256=${signature}` },
            body: Buffer.from(body),
          },
          sender,
        ),
      )
      return [...receipts, ...denials, ...messages]
    }
    assert.deepEqual(webhook('{"entry":[{"changes":[{"field":"messages"}]}]}'), [])
    assert.throws(
      () => webhook('no'),
      (error) => error instanceof Refusal && error.code === 'body_invalid',
    )
    for (const odd of [
      'null',
      '[]',
      '{"entry":{}}',
      '{"entry":[null,{"changes":[{"field":"messages","value":{"statuses":[1,{}]}}]}]}',
    ]) {
      assert.deepEqual(webhook(odd), [])
    }
  })

  it('tells what is wrong with the account as a whole', () => {
    const body = JSON.stringify({
      entry: [
        { changes: [{ field: 'messages', value: { errors: [{ code: 131031, title: 'Account has been locked' }] } }] },
      ],
    })
    const { headers } = sign(body)
    const news = told(
      provider.readNews({ method: 'POST', receivedAt: now, query: {}, headers, body: Buffer.from(body) }, sender),
    )
    assert.partialDeepStrictEqual(news.faults, [
      {
        reason: 'blocked_by_policy',
        providerCode: '131031',
        detail: 'Account has been locked',
        alert: true,
        fallback: true,
      },
    ])
  })

  it('signs like the published example of RFC 4231, test case 2', () => {
    const body = 'what do ya want for nothing?'
    const headers = { 'x-hub-signature-256': 'sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843' }
    const jefe = { ...sender, secrets: { ...sender.secrets, app_secret: 'Jefe' } }
    assert.throws(
      () => provider.readNews({ method: 'POST', receivedAt: now, query: {}, headers, body: Buffer.from(body) }, jefe),
      (error) => error instanceof Refusal && error.code === 'body_invalid',
      'the signature is right, only the body is no JSON',
    )
  })
})
