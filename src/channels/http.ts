import { lookup as lookupHost, type LookupAddress, type LookupOptions } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import { Agent, request } from 'undici'
import type {
  ChannelProvider,
  CodeMessage,
  Failure,
  ProviderRequest,
  Sender,
  SendResult,
} from '#core/messaging/channel.ts'
import { CannotSend } from './cannot-send.ts'

export interface ProviderHttpOptions {
  /** Longest a provider may take to answer. Default 8 s: a person is waiting. */
  readonly timeoutMs?: number
  /** `host` or `host:port` that live senders may call besides the vendors' own. */
  readonly allowedHosts: readonly string[]
  /** Origin of the simulator; the only one test senders may call, and one live senders never may. */
  readonly simulatorOrigin?: () => string | undefined
  /** Origin under which the world reaches this server: with the simulator mounted, that is a way to it as well. */
  readonly ownOrigin?: () => string | undefined
}

export interface ProviderAnswer {
  readonly status: number
  readonly body: string
  readonly retryAfterMs?: number
}

export interface ProviderHttp {
  /** Carries one message out. Does not throw: whatever happens is one of the four outcomes. */
  send(provider: ChannelProvider, message: CodeMessage, sender: Sender): Promise<SendResult>
  /** One call to a sender's provider, for setting up and examining it. Throws what the network throws. */
  exchange(provider: ChannelProvider, wanted: ProviderRequest, sender: Sender): Promise<ProviderAnswer>
  close(): Promise<void>
}

const timeoutDefaultMs = 8000
const connectTimeoutMs = 3000
const answerBytesMax = 64 * 1024

/** The only file that talks to providers. Nothing of a body is ever logged. */
export function createProviderHttp(options: ProviderHttpOptions): ProviderHttp {
  const timeoutMs = options.timeoutMs ?? timeoutDefaultMs
  const settings = {
    // How many sendings run at once is bounded where they are begun (flows/perform.ts). A request that waited for a
    // connection in here would use up its time before a byte of it has left.
    connections: null,
    pipelining: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: answerBytesMax,
  }
  const named = new Agent({ ...settings, connect: { timeout: connectTimeoutMs } })
  const anyPublic = new Agent({ ...settings, connect: { timeout: connectTimeoutMs, lookup: lookupPublic } })

  const exchange: ProviderHttp['exchange'] = async (provider, wanted, sender) => {
    const reach = judgeUrl(wanted.url, provider, sender, options)
    if (reach === 'forbidden') throw new UrlForbidden(new URL(wanted.url).host)
    const call = new AbortController()
    const timer = setTimeout(
      () => call.abort(new DOMException('The provider took too long.', 'TimeoutError')),
      timeoutMs,
    )
    try {
      const answer = await request(wanted.url, {
        method: wanted.method,
        headers: { ...wanted.headers, 'user-agent': 'centang' },
        ...(wanted.body !== undefined && { body: wanted.body }),
        dispatcher: reach === 'named' ? named : anyPublic,
        signal: call.signal,
      })
      const body = await answer.body.text()
      const retryAfter = Number(answer.headers['retry-after'])
      return {
        status: answer.statusCode,
        body,
        ...(retryAfter > 0 && { retryAfterMs: retryAfter * 1000 }),
      }
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    exchange,
    async send(provider, message, sender) {
      let wanted: ProviderRequest
      try {
        wanted = provider.toRequest(message, sender)
      } catch (error) {
        return error instanceof CannotSend ? resultOf(error) : notARequest
      }
      try {
        const { status, body, retryAfterMs } = await exchange(provider, wanted, sender)
        const result = provider.toResult(status, body, sender)
        return result.outcome === 'deferred' && retryAfterMs !== undefined ? { ...result, retryAfterMs } : result
      } catch (error) {
        return resultOf(error)
      }
    },
    async close() {
      await Promise.all([named.close(), anyPublic.close()])
    },
  }
}

class UrlForbidden extends Error {
  readonly host: string

  constructor(host: string) {
    super(`This sender may not call ${host}.`)
    this.host = host
  }
}

/** Who may call whom: a test sender nothing but the simulator, a live sender never it (invariant 6). */
function judgeUrl(
  url: string,
  provider: ChannelProvider,
  sender: Sender,
  { allowedHosts, simulatorOrigin, ownOrigin }: ProviderHttpOptions,
): 'named' | 'public' | 'forbidden' {
  const { origin, protocol, host, hostname } = new URL(url)
  if (!sender.live) return origin === simulatorOrigin?.() ? 'named' : 'forbidden'
  if (origin === simulatorOrigin?.() || origin === ownOrigin?.()) return 'forbidden'
  if (allowedHosts.includes(host) || allowedHosts.includes(hostname)) return 'named'
  if (protocol !== 'https:') return 'forbidden'
  if (provider.hosts.length > 0) return provider.hosts.includes(host) ? 'named' : 'forbidden'
  const literal = hostname.replace(/^\[(.*)\]$/, '$1')
  return isIP(literal) !== 0 && isPrivate(literal) ? 'forbidden' : 'public'
}

/** RFC 6890 special-purpose addresses: nothing a provider's public gateway stands on. */
const privateRanges = new BlockList()
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  privateRanges.addSubnet(net, prefix, 'ipv4')
}
for (const [net, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
  ['64:ff9b::', 96],
  ['2002::', 16],
] as const) {
  privateRanges.addSubnet(net, prefix, 'ipv6')
}

const isPrivate = (address: string): boolean => privateRanges.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

type LookupDone = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void

/** Looked at where the connection is made, so that a name cannot point elsewhere after it was judged. */
function lookupPublic(hostname: string, options: LookupOptions, done: LookupDone): void {
  lookupHost(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, '')
    const open = addresses.filter(({ address }) => !isPrivate(address))
    const [first] = open
    if (!first) return done(new UrlForbidden(hostname), '')
    return options.all ? done(null, open) : done(null, first.address, first.family)
  })
}

/** Faults that come before a byte of the request has left. */
const notSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** What we would have to send is no request at all. */
const notValid = new Set(['ERR_INVALID_URL', 'UND_ERR_INVALID_ARG'])

function resultOf(error: unknown): SendResult {
  if (error instanceof UrlForbidden) {
    return { outcome: 'refused', failure: failure('sender_misconfigured', error.message, true) }
  }
  if (error instanceof CannotSend) return { outcome: 'refused', failure: failure(error.reason, error.message, false) }
  const { code = '', name } = error as { code?: string; name?: string }
  if (notValid.has(code)) return notARequest
  if (notSent.has(code)) {
    return {
      outcome: 'deferred',
      retryAfterMs: 1000,
      failure: failure('provider_unavailable', `No connection: ${code}`, false),
    }
  }
  // From here on the message may have gone out.
  return { outcome: 'unknown', detail: `No answer: ${code || name || 'fault'}` }
}

const failure = (reason: Failure['reason'], detail: string, alert: boolean): Failure => ({
  reason,
  providerCode: '',
  detail,
  alert,
  fallback: true,
})

const notARequest: SendResult = {
  outcome: 'refused',
  failure: failure('sender_misconfigured', 'The sender’s settings make no valid request.', true),
}
