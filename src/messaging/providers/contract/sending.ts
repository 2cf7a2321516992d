import assert from 'node:assert/strict'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ChannelProvider } from '#messaging/core/provider.ts'
import type { SendResult } from '#messaging/core/send.ts'
import { createProviderHttp } from '#messaging/providers/http.ts'
import { type Check, type ContractCase, contractMessage } from './case.ts'

/** A business chooses the address of a sender; at the vendor's hosts it leads to the vendor's API and nowhere else. */
const pathCheck = (provider: ChannelProvider, { senderAt }: ContractCase): Check => ({
  name: 'names the paths of its API, and calls no other',
  run: () => {
    const { paths } = provider
    assert.ok(paths, 'it has hosts, so it has paths')
    const { pathname } = new URL(provider.toRequest(contractMessage, senderAt('https://vendor.example')).url)
    assert.equal(paths.exec(pathname)?.index, 0, pathname)
    assert.ok(!paths.test(`${pathname}/../x y`) && !paths.test('/'))
  },
})

/** What becomes of a message, whatever the vendor answers. */
export const sendingChecks = (provider: ChannelProvider, given: ContractCase): Check[] => [
  {
    name: 'is given an exchange that was accepted and one that was refused',
    run: () => {
      const outcomes = new Set(given.exchanges.map(({ means }) => means.outcome))
      assert.ok(outcomes.has('accepted') && outcomes.has('refused'), [...outcomes].join(', '))
    },
  },
  ...given.exchanges.map((exchange) => ({
    name: `reads “${exchange.name}” as ${exchange.means.outcome}`,
    run: async () => {
      const result = await exchangeWith(provider, given, (_request, response) => {
        response
          .writeHead(exchange.status, { 'content-type': 'application/json', ...exchange.headers })
          .end(exchange.body)
      })
      assert.partialDeepStrictEqual(result, exchange.means)
      assert.ok(!JSON.stringify(result).includes(contractMessage.code), 'the code is in the result')
    },
  })),
  {
    name: 'sends the code and the reference to the vendor',
    run: async () => {
      let sent = ''
      await exchangeWith(provider, given, (request, response) => {
        request.on('data', (chunk: Buffer) => (sent += chunk.toString()))
        request.on('end', () => response.end(given.exchanges[0]?.body))
      })
      assert.ok(sent.includes(contractMessage.code))
      assert.ok(sent.includes(contractMessage.reference))
      assert.ok(sent.includes(contractMessage.to) || sent.includes(contractMessage.to.slice(1)))
    },
  },
  ...unclearChecks(provider, given),
  {
    name: 'never lets a live sender reach the simulator, nor a test sender anything else',
    run: async () => {
      let calls = 0
      const live = await exchangeWith(provider, given, (_request, response) => response.end(String(calls++)), 500, true)
      assert.partialDeepStrictEqual(live, {
        outcome: 'refused',
        failure: { reason: 'sender_misconfigured', alert: true },
      })
      const http = createProviderHttp({ allowedHosts: [], simulatorOrigin: () => 'http://127.0.0.1:1' })
      const elsewhere = await http.send(provider, contractMessage, given.senderAt('http://127.0.0.1:2'))
      await http.close()
      assert.equal(elsewhere.outcome, 'refused')
      assert.equal(calls, 0)
    },
  },
  ...(provider.hosts.length > 0 ? [pathCheck(provider, given)] : []),
  ...(provider.toChatRequest ? [chatCheck(provider, given)] : []),
]

/** A message that may have gone out is never called refused: it would be sent again. */
const unclearChecks = (provider: ChannelProvider, given: ContractCase): Check[] => [
  {
    name: 'takes a dropped connection for unknown, never for refused',
    run: async () => {
      const result = await exchangeWith(provider, given, (request) => request.socket.destroy())
      assert.equal(result.outcome, 'unknown')
    },
  },
  {
    name: 'takes a vendor that does not answer for unknown',
    run: async () => {
      const result = await exchangeWith(provider, given, () => undefined, 150)
      assert.equal(result.outcome, 'unknown')
    },
  },
  {
    name: 'takes an answer that is no answer for unknown',
    run: async () => {
      for (const body of ['<html>', '', 'null', '[]', '"ok"']) {
        const result = await exchangeWith(provider, given, (_request, response) => response.writeHead(200).end(body))
        assert.equal(result.outcome, 'unknown', body)
      }
    },
  },
  {
    name: 'takes an error of whoever stands before the vendor for unknown',
    run: async () => {
      for (const status of [500, 502, 504]) {
        const vendor: RequestListener = (_request, response) => response.writeHead(status).end('<html>')
        assert.equal((await exchangeWith(provider, given, vendor)).outcome, 'unknown', String(status))
      }
    },
  },
  {
    name: 'takes a refused connection for deferred: nothing was sent',
    run: async () => {
      const result = await sendTo(provider, given, 'http://127.0.0.1:9')
      assert.partialDeepStrictEqual(result, { outcome: 'deferred', failure: { reason: 'provider_unavailable' } })
    },
  },
]

const chatCheck = (provider: ChannelProvider, given: ContractCase): Check => ({
  name: 'carries what is said in a chat, with its reference',
  run: () => {
    const { reference, to } = contractMessage
    const said = { reference, to: { phone: to }, content: { kind: 'text', text: 'Até amanhã!' } } as const
    const wanted = provider.toChatRequest?.(said, given.senderAt('http://127.0.0.1:1'))
    for (const part of [reference, 'Até amanhã!']) assert.ok(wanted?.body?.includes(part), part)
  },
})

async function exchangeWith(
  provider: ChannelProvider,
  given: ContractCase,
  vendor: RequestListener,
  timeoutMs = 2000,
  live = false,
): Promise<SendResult> {
  const server = createServer(vendor)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  try {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return await sendTo(provider, given, origin, timeoutMs, live)
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
