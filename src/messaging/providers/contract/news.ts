import assert from 'node:assert/strict'
import { Refusal } from '#platform/core/refusal.ts'
import type { IncomingWebhook } from '#messaging/core/news.ts'
import type { ChannelProvider } from '#messaging/core/provider.ts'
import type { Check, ContractCase } from './case.ts'

/** What a vendor tells, and who is believed. */
export const newsChecks = (provider: ChannelProvider, given: ContractCase): Check[] => {
  const sender = given.senderAt('http://127.0.0.1:1')
  const isRefusal = (error: unknown): boolean =>
    error instanceof Refusal && ['webhook_signature_invalid', 'webhook_token_invalid'].includes(error.code)
  return [
    ...given.webhooks.map((webhook) => ({
      name: `reads the webhook “${webhook.name}”`,
      run: () => {
        const news = provider.readNews(incoming(webhook.body, given.sign(webhook.body, sender)), sender)
        assert.equal(news.receipts.length, webhook.receipts.length)
        for (const [index, receipt] of webhook.receipts.entries())
          assert.partialDeepStrictEqual(news.receipts[index], receipt)
        assert.equal(news.denials.length, webhook.denials ?? 0)
      },
    })),
    {
      name: 'refuses a webhook that is not signed, or changed by one byte',
      run: () => {
        const body = given.webhooks[0]?.body ?? ''
        assert.throws(() => provider.readNews(incoming(body, {}), sender), isRefusal)
        const signed = given.sign(body, sender)
        const isOverBytes = Object.keys(signed.headers ?? {}).length > 0
        if (!isOverBytes) return
        const flipped = Buffer.from(body)
        flipped[flipped.length - 2] = (flipped[flipped.length - 2] as number) ^ 1
        assert.throws(() => provider.readNews({ ...incoming(body, signed), body: flipped }, sender), isRefusal)
      },
    },
    {
      name: 'believes nobody whose words it does not know',
      run: () => {
        for (const body of ['null', '[]', '7', '"x"', '{}', '[null]', '{"entry":[null]}']) {
          const news = provider.readNews(incoming(body, given.sign(body, sender)), sender)
          assert.deepEqual([news.receipts, news.denials, news.messages ?? []], [[], [], []], body)
        }
      },
    },
  ]
}

const incoming = (body: string, signed: Partial<IncomingWebhook>): IncomingWebhook => ({
  method: 'POST',
  headers: {},
  query: {},
  receivedAt: new Date(),
  body: Buffer.from(body),
  ...signed,
})
