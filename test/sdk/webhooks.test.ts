import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { verifyWebhook, type WebhookFault, WebhookRejected } from '../../sdk/src/webhooks.ts'

const newSecret = (): string => `whsec_${randomBytes(24).toString('base64')}`
const secret = newSecret()
const body = JSON.stringify({ type: 'verification.approved', data: { brand: 'Café 😀' } })

/** Signed by the reference implementation of Standard Webhooks. */
function signed(at = new Date(), by = secret): Record<string, string> {
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(by).sign('msg_1', at, body),
  }
}

const rejected = (fault: WebhookFault) => (error: unknown) => error instanceof WebhookRejected && error.fault === fault

describe('a webhook', () => {
  it('signed by the reference implementation is read', async () => {
    const event = await verifyWebhook<{ type: string }>({ secret, headers: signed(), body })
    assert.equal(event.type, 'verification.approved')
    const bytes = new TextEncoder().encode(body)
    assert.deepEqual(await verifyWebhook({ secret, headers: new Headers(signed()), body: bytes }), JSON.parse(body))
    const upper = Object.fromEntries(Object.entries(signed()).map(([name, value]) => [name.toUpperCase(), [value]]))
    assert.deepEqual(await verifyWebhook({ secret, headers: upper, body }), JSON.parse(body))
  })

  it('is read under either secret while one is replaced', async () => {
    const next = newSecret()
    await verifyWebhook({ secret: [next, secret], headers: signed(), body })
    const both = { ...signed(), 'webhook-signature': `v1a,xyz v1,%% ${signed(new Date(), next)['webhook-signature']}` }
    await verifyWebhook({ secret: next, headers: both, body })
  })

  it('with another body, id, time or secret is not believed', async () => {
    const headers = signed()
    const changes = [
      { body: body.replace('approved', 'canceled') },
      { headers: { ...headers, 'webhook-id': 'msg_2' } },
      { headers: { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) } },
      { secret: newSecret() },
      { headers: { ...headers, 'webhook-signature': 'v1,' } },
      { headers: { ...headers, 'webhook-signature': headers['webhook-signature']?.replace('v1', 'v2') } },
    ]
    for (const change of changes) {
      await assert.rejects(verifyWebhook({ secret, headers, body, ...change }), rejected('signature_invalid'))
    }
  })

  it('that is old, from the future or timeless is not believed, however well signed', async () => {
    const at = new Date()
    const nowIn = (seconds: number): Date => new Date(at.getTime() + seconds * 1000)
    await verifyWebhook({ secret, headers: signed(at), body, now: nowIn(299) })
    for (const seconds of [302, -302]) {
      const late = verifyWebhook({ secret, headers: signed(at), body, now: nowIn(seconds) })
      await assert.rejects(late, rejected('timestamp_outside_tolerance'))
    }
    for (const timestamp of ['soon', 'NaN', '1e9', '-1']) {
      const timeless = { ...signed(), 'webhook-timestamp': timestamp }
      await assert.rejects(verifyWebhook({ secret, headers: timeless, body }), rejected('timestamp_outside_tolerance'))
    }
  })

  it('without its headers is not believed, and a secret that is none is an error', async () => {
    for (const name of Object.keys(signed())) {
      const { [name]: _, ...rest } = signed()
      await assert.rejects(verifyWebhook({ secret, headers: rest, body }), rejected('headers_missing'))
    }
    await assert.rejects(verifyWebhook({ secret: 'whsec_%%', headers: signed(), body }), TypeError)
  })
})
