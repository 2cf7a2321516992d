import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import { contractMessage } from '#messaging/providers/contract/case.ts'
import { told } from '#messaging/providers/contract/told.ts'
import { channelProviderContract } from '#messaging/providers/contract/contract.ts'
import { invalidFields } from '#messaging/providers/validate.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { provider } from './provider.ts'
import type { SmsHttpConfig } from './config.ts'
import { smsText } from '#messaging/providers/sms/text.ts'

const config = (origin: string, more: Partial<SmsHttpConfig> = {}): SmsHttpConfig => ({
  url: `${origin}/send`,
  from: 'CENTANG',
  headers: { authorization: 'Bearer {{secret.api}}' },
  body: { to: '{{to}}', text: '{{text}}', ref: '{{reference}}' },
  success: { path: 'status', equals: ['queued'] },
  id_path: 'message.id',
  error_path: 'error.code',
  errors: {
    '21614': { reason: 'recipient_invalid' },
    busy: { reason: 'rate_limited', retry_seconds: 3 },
    UNDELIV: { reason: 'not_reachable_on_channel' },
  },
  receipts: {
    id_path: 'id',
    status_path: 'status',
    statuses: { DELIVRD: 'delivered', UNDELIV: 'failed' },
    reference_path: 'ref',
    at_path: 'at',
    error_path: 'err',
    signature: { header: 'X-Signature', prefix: 'sha256=' },
  },
  ...more,
})

const now = new Date('2026-11-24T10:00:00Z')

const senderOf = (
  settings: SmsHttpConfig,
  secrets: Record<string, string> = { api: 'key of the gateway', webhook: 'secret of the webhook' },
): Sender => ({
  id: '0190a000-0000-7000-8000-000000000004',
  businessId: '0190a000-0000-7000-8000-000000000001',
  live: false,
  channel: 'sms',
  provider: 'sms-http',
  purpose: 'authentication',
  config: settings,
  secrets,
})

channelProviderContract(provider, {
  facts: { sms: { token: 'token of the gateway' } },
  broken: [
    {
      name: 'a name misspelt',
      settings: { config: config('https://sms.example.com', { body: { to: '{{to}}', text: 'Code: {{txt}}' } }) },
      path: 'config/body/text',
    },
    {
      name: 'no code',
      settings: { config: config('https://sms.example.com', { body: { to: '{{to}}', text: 'Hello there' } }) },
      path: 'config',
    },
    { name: 'receipts without a secret', settings: { secrets: { api: 'key of it' } }, path: 'secrets/webhook' },
  ],
  senderAt: (origin) => senderOf(config(origin)),
  sign: (body) => ({
    headers: { 'x-signature': `sha256=${createHmac('sha256', 'secret of the webhook').update(body).digest('hex')}` },
  }),
  exchanges: [
    {
      name: 'queued',
      status: 202,
      body: '{"status":"queued","message":{"id":"m-1"}}',
      means: { outcome: 'accepted', providerMessageId: 'm-1' },
    },
    { name: 'queued without an id', status: 200, body: '{"status":"queued"}', means: { outcome: 'unknown' } },
    {
      name: 'a known error',
      status: 400,
      body: '{"error":{"code":21614,"text":"4839201 to +5511987654321"}}',
      means: {
        outcome: 'refused',
        failure: { reason: 'recipient_invalid', providerCode: '21614', detail: '', alert: false, fallback: true },
      },
    },
    {
      name: 'an error in a 200',
      status: 200,
      body: '{"status":"error","error":{"code":"busy"}}',
      means: { outcome: 'deferred', retryAfterMs: 3000 },
    },
    {
      name: 'a wrong key',
      status: 401,
      body: '{}',
      means: {
        outcome: 'refused',
        failure: { reason: 'sender_misconfigured', providerCode: '', detail: 'HTTP 401', alert: true, fallback: true },
      },
    },
    { name: 'unavailable', status: 503, body: '', means: { outcome: 'deferred' } },
    { name: 'a fault', status: 500, body: '', means: { outcome: 'unknown' } },
  ],
  callbacks: [
    {
      name: 'delivered',
      body: '{"id":"m-1","status":"DELIVRD","ref":"r","at":1795300012}',
      receipts: [{ providerMessageId: 'm-1', reference: 'r', status: 'delivered', at: new Date(1795300012000) }],
    },
    {
      name: 'failed',
      body: '{"id":"m-1","status":"UNDELIV","at":"2026-11-24T10:00:00Z"}',
      receipts: [
        {
          status: 'failed',
          failure: {
            reason: 'not_reachable_on_channel',
            providerCode: 'UNDELIV',
            detail: '',
            alert: false,
            fallback: true,
          },
        },
      ],
    },
    {
      name: 'a list with a status nobody knows',
      body: '[{"id":"m-1","status":"ENROUTE"},{"id":"m-2","status":"DELIVRD"}]',
      receipts: [{ providerMessageId: 'm-2' }],
    },
    { name: 'the name of an inherited member', body: '{"id":"m-1","status":"constructor"}', receipts: [] },
  ],
})

describe('SMS over HTTP', () => {
  it('puts values where nothing in them can break out', () => {
    const message = { ...contractMessage, brand: 'A "quoted"\r\nbrand & more' }
    const json = provider.toRequest(message, senderOf(config('https://sms.example.com')))
    assert.equal(JSON.parse(json.body ?? '').text, smsText(message))
    const form = provider.toRequest(
      message,
      senderOf(
        config('https://sms.example.com', {
          content_type: 'application/x-www-form-urlencoded',
          headers: { 'x-brand': '{{text}}' },
        }),
      ),
    )
    assert.equal(new URLSearchParams(form.body).get('text'), smsText(message))
    assert.doesNotMatch(form.headers['x-brand'] ?? '', /[\r\n]/)
    const get = provider.toRequest(
      message,
      senderOf(
        config('https://sms.example.com', {
          method: 'GET',
          url: 'https://sms.example.com/{{to_digits}}?k={{secret.api}}',
        }),
      ),
    )
    assert.equal(new URL(get.url).pathname, '/5511987654321')
    assert.equal(new URL(get.url).searchParams.get('k'), 'key of the gateway')
  })

  it('asks for a token in the URL of a gateway that does not sign', () => {
    const unsigned = config('https://sms.example.com')
    const { signature: _, ...receipts } = unsigned.receipts as NonNullable<SmsHttpConfig['receipts']>
    const sender = senderOf({ ...unsigned, receipts })
    const read = (token: string | undefined) =>
      provider.readNews(
        {
          method: 'POST',
          receivedAt: now,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          query: { token },
          body: Buffer.from('id=m-1&status=DELIVRD'),
        },
        sender,
      )
    assert.equal(told(read('secret of the webhook')).receipts[0]?.status, 'delivered')
    assert.throws(() => read('wrong'))
    assert.throws(() => read(undefined))
    const secretless = senderOf({ ...unsigned, receipts }, { api: 'x' })
    assert.throws(
      () =>
        provider.readNews(
          { method: 'POST', receivedAt: now, headers: {}, query: {}, body: Buffer.from('{}') },
          secretless,
        ),
      'without a secret nobody is believed',
    )
  })

  it('finds the receipts where the gateway wraps them', () => {
    const { signature: _, ...receipts } = config('x').receipts as NonNullable<SmsHttpConfig['receipts']>
    const sender = senderOf(config('https://sms.example.com', { receipts: { ...receipts, list_path: 'data.results' } }))
    const read = (body: string) =>
      told(
        provider.readNews(
          {
            method: 'POST',
            receivedAt: now,
            headers: {},
            query: { token: 'secret of the webhook' },
            body: Buffer.from(body),
          },
          sender,
        ),
      ).receipts
    const two = '[{"id":"m-1","status":"DELIVRD"},{"id":"m-2","status":"UNDELIV"}]'
    assert.deepEqual(
      read(`{"data":{"results":${two}}}`).map(({ providerMessageId, status }) => [providerMessageId, status]),
      [
        ['m-1', 'delivered'],
        ['m-2', 'failed'],
      ],
    )
    assert.deepEqual(read(two), [], 'what is not where it was said to be is nothing')
  })

  it('is not set up with a text that has no code, a name misspelt, or receipts that nobody could believe', async () => {
    const pathsOf = async (more: Partial<SmsHttpConfig>, secrets?: Record<string, string>) =>
      (await invalidFields(senderOf(config('https://sms.example.com', more), secrets))).map(({ path }) => path)
    assert.deepEqual(await pathsOf({}), [])
    assert.deepEqual(await pathsOf({ body: { to: '{{to}}', text: 'Hello' } }), ['config'])
    assert.deepEqual(await pathsOf({ body: { text: '{{text}}' } }), ['config'])
    assert.deepEqual(await pathsOf({ body: { text: '{{text}}' }, url: 'https://sms.example.com/{{to_digits}}' }), [])
    for (const wrong of ['{{txt}}', '{{ text }}', '{{TEXT}}', '{{text', '{{secret.apy}}', '{{constructor}}']) {
      const body = { to: '{{to}}', text: '{{text}}', list: [{ more: wrong }] }
      assert.deepEqual(await pathsOf({ body }), ['config/body/list/0/more'], wrong)
      assert.deepEqual(await pathsOf({ headers: { 'x-a': wrong } }), ['config/headers/x-a'], wrong)
    }
    const { from: _, ...fromless } = config('https://sms.example.com')
    const body = { ...fromless.body, from: '{{from}}' }
    assert.deepEqual(
      (await invalidFields(senderOf({ ...fromless, body }))).map(({ path }) => path),
      ['config/body/from'],
      'a placeholder whose value was not given',
    )
    assert.deepEqual(await pathsOf({}, { api: 'x' }), ['secrets/webhook'])
  })
})
