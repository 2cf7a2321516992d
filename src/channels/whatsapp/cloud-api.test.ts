import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import { channelProviderContract, contractMessage } from '#channels/contract.ts'
import { Refusal } from '#core/errors.ts'
import type { Sender } from '#core/messaging/channel.ts'
import { whatsappCloudApi } from './cloud-api.ts'
import { nearestLanguage, templateNameFor } from './cloud-api-config.ts'
import { exchanges, webhooks } from './cloud-api.exchanges.ts'

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
const sender = senderAt('https://graph.facebook.com')

const sign = (body: string): { headers: Record<string, string> } => ({
  headers: {
    'x-hub-signature-256': `sha256=${createHmac('sha256', 'app secret of the test').update(body).digest('hex')}`,
  },
})

channelProviderContract(whatsappCloudApi, { senderAt, exchanges, webhooks, sign })

describe('the Cloud API', () => {
  it('gets the code in the body and in the button, as Meta documents it', () => {
    const { url, headers, body } = whatsappCloudApi.toRequest(contractMessage, sender)
    assert.equal(url, 'https://graph.facebook.com/v24.0/106540352242922/messages')
    assert.equal(headers['authorization'], 'Bearer EAAtoken-of-the-test')
    const code = [{ type: 'text', text: '4839201' }]
    assert.deepEqual(JSON.parse(body ?? ''), {
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '+5511987654321',
      biz_opaque_callback_data: contractMessage.reference,
      type: 'template',
      template: {
        name: 'login_code',
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

  it('is asked for the template that does not outlive the code', () => {
    const config = { template_name: 'code', template_minutes: [1, 5, 10], waba_id: '1', phone_number_id: '1' }
    const cases = [
      [60, 'code_1m'],
      [299, 'code_5m'],
      [300, 'code_5m'],
      [420, 'code_5m'],
      [600, 'code_10m'],
      [20, 'code_1m'],
    ] as const
    for (const [seconds, name] of cases) assert.equal(templateNameFor(config, seconds), name, String(seconds))
    assert.equal(templateNameFor({ ...config, template_minutes: undefined as never }, 60), 'code')
  })

  it('is answered when it asks whether the URL is ours, and only then', () => {
    const ask = (query: Record<string, string>) =>
      whatsappCloudApi.answerHandshake?.({ method: 'GET', headers: {}, body: Buffer.alloc(0), query }, sender)
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
      return whatsappCloudApi.readNews(
        {
          method: 'POST',
          query: {},
          headers: { 'x-hub-signature-256': `sha256=${signature}` },
          body: Buffer.from(body),
        },
        sender,
      )
    }
    assert.deepEqual(webhook('{"entry":[{"changes":[{"field":"messages"}]}]}'), { receipts: [], denials: [] })
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
      assert.deepEqual(webhook(odd), { receipts: [], denials: [] })
    }
  })

  it('signs like the published example of RFC 4231, test case 2', () => {
    const body = 'what do ya want for nothing?'
    const headers = { 'x-hub-signature-256': 'sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843' }
    const jefe = { ...sender, secrets: { ...sender.secrets, app_secret: 'Jefe' } }
    assert.throws(
      () => whatsappCloudApi.readNews({ method: 'POST', query: {}, headers, body: Buffer.from(body) }, jefe),
      (error) => error instanceof Refusal && error.code === 'body_invalid',
      'the signature is right, only the body is no JSON',
    )
  })
})
