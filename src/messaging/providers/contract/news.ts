import assert from 'node:assert/strict'
import { Refusal } from '#platform/core/refusal.ts'
import type { Callback } from '#messaging/core/news.ts'
import type { ChannelProvider } from '#messaging/core/provider.ts'
import type { Check, ContractCase } from './case.ts'
import { told } from './told.ts'

/** What a vendor tells, and who is believed. */
export const newsChecks = (provider: ChannelProvider, given: ContractCase): Check[] => {
  const sender = given.senderAt('http://127.0.0.1:1')
  const isRefusal = (error: unknown): boolean =>
    error instanceof Refusal && ['webhook_signature_invalid', 'webhook_token_invalid'].includes(error.code)
  return [
    ...given.callbacks.map((callback) => ({
      name: `reads the callback “${callback.name}”`,
      run: () => {
        const news = told(provider.readNews(incoming(callback.body, given.sign(callback.body, sender)), sender))
        assert.equal(news.receipts.length, callback.receipts.length)
        for (const [index, receipt] of callback.receipts.entries())
          assert.partialDeepStrictEqual(news.receipts[index], receipt)
        assert.equal(news.denials.length, callback.denials ?? 0)
      },
    })),
    {
      name: 'refuses a callback that is not signed, or changed by one byte',
      run: () => {
        const body = given.callbacks[0]?.body ?? ''
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
          const { receipts, denials, messages } = told(
            provider.readNews(incoming(body, given.sign(body, sender)), sender),
          )
          assert.deepEqual([receipts, denials, messages], [[], [], []], body)
        }
      },
    },
  ]
}

const incoming = (body: string, signed: Partial<Callback>): Callback => ({
  method: 'POST',
  headers: {},
  query: {},
  receivedAt: new Date(),
  body: Buffer.from(body),
  ...signed,
})
