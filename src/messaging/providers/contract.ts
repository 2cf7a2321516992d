import assert from 'node:assert/strict'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { Refusal } from '#platform/core/refusal.ts'
import type {
  ChannelProvider,
  CodeMessage,
  IncomingWebhook,
  Receipt,
  Sender,
  SendResult,
} from '#messaging/core/channel.ts'
import { createProviderHttp } from './http.ts'

/** An answer as a vendor gave it, and what it means. */
export interface Exchange {
  readonly name: string
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
  readonly means: Partial<SendResult> & { readonly outcome: SendResult['outcome'] }
}

export interface RecordedWebhook {
  readonly name: string
  /** As it came over the wire. */
  readonly body: string
  readonly receipts: readonly Partial<Receipt>[]
  readonly denials?: number
}

export interface ContractCase {
  /** A sender whose provider is at this address. */
  readonly senderAt: (origin: string) => Sender
  readonly exchanges: readonly Exchange[]
  readonly webhooks: readonly RecordedWebhook[]
  /** Signs a body the way the vendor does. */
  readonly sign: (body: string, sender: Sender) => Partial<IncomingWebhook>
}

export const contractMessage: CodeMessage = {
  reference: '0190a000000070008000000000000001.0190a000000070008000000000000002',
  to: '+5511987654321',
  code: '4839201',
  locale: 'pt-BR',
  brand: 'Padaria "São João"',
  expiresInSeconds: 300,
}

/** What every provider has to do, whatever its vendor; registers the cases as tests. */
export function channelProviderContract(provider: ChannelProvider, given: ContractCase): void {
  describe(`${provider.id} as a channel provider`, () => {
    for (const exchange of given.exchanges) {
      it(`reads “${exchange.name}” as ${exchange.means.outcome}`, async () => {
        const { result } = await exchangeWith(provider, given, (_request, response) => {
          response
            .writeHead(exchange.status, { 'content-type': 'application/json', ...exchange.headers })
            .end(exchange.body)
        })
        assert.partialDeepStrictEqual(result, exchange.means)
        assert.ok(!JSON.stringify(result).includes(contractMessage.code), 'the code is in the result')
      })
    }

    it('sends the code and the reference to the vendor', async () => {
      let sent = ''
      await exchangeWith(provider, given, (request, response) => {
        request.on('data', (chunk: Buffer) => (sent += chunk.toString()))
        request.on('end', () => response.end(given.exchanges[0]?.body))
      })
      assert.ok(sent.includes(contractMessage.code))
      assert.ok(sent.includes(contractMessage.reference))
      assert.ok(sent.includes(contractMessage.to) || sent.includes(contractMessage.to.slice(1)))
    })

    it('takes a dropped connection for unknown, never for refused', async () => {
      const { result } = await exchangeWith(provider, given, (request) => request.socket.destroy())
      assert.equal(result.outcome, 'unknown')
    })

    it('takes a vendor that does not answer for unknown', async () => {
      const { result } = await exchangeWith(provider, given, () => undefined, 150)
      assert.equal(result.outcome, 'unknown')
    })

    it('takes an answer that is no answer for unknown', async () => {
      const { result } = await exchangeWith(provider, given, (_request, response) =>
        response.writeHead(200).end('<html>'),
      )
      assert.equal(result.outcome, 'unknown')
    })

    it('takes a refused connection for deferred: nothing was sent', async () => {
      const result = await sendTo(provider, given, 'http://127.0.0.1:9')
      assert.partialDeepStrictEqual(result, { outcome: 'deferred', failure: { reason: 'provider_unavailable' } })
    })

    it('never lets a live sender reach the simulator, nor a test sender anything else', async () => {
      let calls = 0
      const live = await exchangeWith(provider, given, (_request, response) => response.end(String(calls++)), 500, true)
      assert.partialDeepStrictEqual(live.result, {
        outcome: 'refused',
        failure: { reason: 'sender_misconfigured', alert: true },
      })
      const http = createProviderHttp({ allowedHosts: [], simulatorOrigin: () => 'http://127.0.0.1:1' })
      const elsewhere = await http.send(provider, contractMessage, given.senderAt('http://127.0.0.1:2'))
      await http.close()
      assert.equal(elsewhere.outcome, 'refused')
      assert.equal(calls, 0)
    })

    for (const webhook of given.webhooks) {
      it(`reads the webhook “${webhook.name}”`, () => {
        const sender = given.senderAt('http://127.0.0.1:1')
        const news = provider.readNews(incoming(webhook.body, given.sign(webhook.body, sender)), sender)
        assert.equal(news.receipts.length, webhook.receipts.length)
        for (const [index, receipt] of webhook.receipts.entries())
          assert.partialDeepStrictEqual(news.receipts[index], receipt)
        assert.equal(news.denials.length, webhook.denials ?? 0)
      })
    }

    it('refuses a webhook that is not signed, or changed by one byte', () => {
      const sender = given.senderAt('http://127.0.0.1:1')
      const { body } = given.webhooks[0] as RecordedWebhook
      const isRefusal = (error: unknown): boolean =>
        error instanceof Refusal && ['webhook_signature_invalid', 'webhook_token_invalid'].includes(error.code)
      assert.throws(() => provider.readNews(incoming(body, {}), sender), isRefusal)
      const signed = given.sign(body, sender)
      const isOverBytes = Object.keys(signed.headers ?? {}).length > 0
      if (isOverBytes) {
        const flipped = Buffer.from(body)
        flipped[flipped.length - 2] = (flipped[flipped.length - 2] as number) ^ 1
        assert.throws(() => provider.readNews({ ...incoming(body, signed), body: flipped }, sender), isRefusal)
      }
    })
  })
}

const incoming = (body: string, signed: Partial<IncomingWebhook>): IncomingWebhook => ({
  method: 'POST',
  headers: {},
  query: {},
  body: Buffer.from(body),
  ...signed,
})

async function exchangeWith(
  provider: ChannelProvider,
  given: ContractCase,
  vendor: RequestListener,
  timeoutMs = 2000,
  live = false,
): Promise<{ result: SendResult }> {
  const server = createServer(vendor)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  try {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return { result: await sendTo(provider, given, origin, timeoutMs, live) }
  } finally {
    await close(server)
  }
}

async function sendTo(
  provider: ChannelProvider,
  given: ContractCase,
  origin: string,
  timeoutMs = 2000,
  live = false,
): Promise<SendResult> {
  const http = createProviderHttp({ timeoutMs, allowedHosts: [], simulatorOrigin: () => origin })
  try {
    return await http.send(provider, contractMessage, { ...given.senderAt(origin), live })
  } finally {
    await http.close()
  }
}

const close = (server: Server): Promise<void> =>
  new Promise((done) => {
    server.close(() => done())
    server.closeAllConnections()
  })
