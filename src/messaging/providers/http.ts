import { Agent, request } from 'undici'
import type { ChatMessage } from '#messaging/core/chat.ts'
import type { ChannelProvider } from '#messaging/core/provider.ts'
import type { ProviderAnswer, ProviderRequest } from '#messaging/core/provider-call.ts'
import type { CodeMessage, SendResult } from '#messaging/core/send.ts'
import type { Failure } from '#messaging/core/failure.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { CannotSend } from './cannot-send.ts'
import { plainHost, plainOrigin, plainUrl } from '#platform/core/host.ts'
import { isPrivateLiteral, lookupPublic } from '#platform/net/public-address.ts'

export interface ProviderHttpOptions {
  /** Longest a provider may take to answer. Default 8 s: a person is waiting. */
  readonly timeoutMs?: number
  /** `host` or `host:port`, each also with a path, that live senders may call besides the vendors' own. */
  readonly allowedHosts: readonly string[]
  /** Origin of the simulator; the only one test senders may call, and one live senders never may. */
  readonly simulatorOrigin?: () => string | undefined
  /** Origin under which the world reaches this server: with the simulator mounted, that is a way to it as well. */
  readonly ownOrigin?: () => string | undefined
}

interface Answer extends ProviderAnswer {
  readonly retryAfterMs?: number
}

export interface ProviderHttp {
  /** Carries one message out. Does not throw: whatever happens is one of the four outcomes. */
  send(provider: ChannelProvider, message: CodeMessage, sender: Sender): Promise<SendResult>
  /** The same for a message of a chat. */
  sendChat(provider: ChannelProvider, message: ChatMessage, sender: Sender): Promise<SendResult>
  /** One call to a sender's provider, for setting up and examining it. Throws what the network throws. */
  exchange(provider: ChannelProvider, wanted: ProviderRequest, sender: Sender): Promise<Answer>
  close(): Promise<void>
}

const timeoutDefaultMs = 8000
const connectTimeoutMs = 3000
const answerBytesMax = 64 * 1024

/** The only file that talks to providers. Nothing of a body is ever logged. */
export function createProviderHttp(options: ProviderHttpOptions): ProviderHttp {
  const timeoutMs = options.timeoutMs ?? timeoutDefaultMs
  const connections = openConnections(timeoutMs)

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
        dispatcher: connections[reach],
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

  const carry = async (
    provider: ChannelProvider,
    sender: Sender,
    compose: () => ProviderRequest,
  ): Promise<SendResult> => {
    let wanted: ProviderRequest
    try {
      wanted = compose()
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
  }

  return {
    exchange,
    send: (provider, message, sender) => carry(provider, sender, () => provider.toRequest(message, sender)),
    sendChat: (provider, message, sender) =>
      carry(provider, sender, () => {
        if (!provider.toChatRequest) throw new CannotSend('sender_misconfigured', 'This provider carries codes only.')
        return provider.toChatRequest(message, sender)
      }),
    async close() {
      await Promise.all(Object.values(connections).map((agent) => agent.close()))
    },
  }
}

/** To hosts that somebody named, and to whatever is public. */
function openConnections(timeoutMs: number): Record<'named' | 'public', Agent> {
  const settings = {
    // How many sendings run at once is bounded where they are begun (flows/perform.ts). A request that waited for a
    // connection in here would use up its time before a byte of it has left.
    connections: null,
    pipelining: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: answerBytesMax,
  }
  const lookup = lookupPublic((hostname) => new UrlForbidden(hostname))
  return {
    named: new Agent({ ...settings, connect: { timeout: connectTimeoutMs } }),
    public: new Agent({ ...settings, connect: { timeout: connectTimeoutMs, lookup } }),
  }
}

export class UrlForbidden extends Error {
  readonly host: string

  constructor(host: string) {
    super(`This sender may not call ${host}. CENTANG_PROVIDER_HOSTS names hosts that live senders may call.`)
    this.host = host
  }
}

/** Who may call whom: a live key never reaches the simulator, nor a test key a provider. */
function judgeUrl(
  url: string,
  provider: ChannelProvider,
  sender: Sender,
  { allowedHosts, simulatorOrigin, ownOrigin }: ProviderHttpOptions,
): 'named' | 'public' | 'forbidden' {
  const { origin, protocol, host, hostname, pathname } = plainUrl(url) ?? new URL(url)
  const isAt = (place: string | undefined) => place !== undefined && plainOrigin(place) === origin
  if (!sender.live) return isAt(simulatorOrigin?.()) ? 'named' : 'forbidden'
  if (isAt(simulatorOrigin?.()) || isAt(ownOrigin?.())) return 'forbidden'
  const { paths } = provider
  if (allowedHosts.some((allowed) => isWithin(allowed, { host, hostname, pathname })))
    // The operator's own way to the vendor may begin with a path of its own.
    return paths === undefined || paths.test(pathname) ? 'named' : 'forbidden'
  if (protocol !== 'https:') return 'forbidden'
  if (provider.hosts.length > 0)
    return provider.hosts.includes(host) && paths?.exec(pathname)?.index === 0 ? 'named' : 'forbidden'
  return isPrivateLiteral(hostname) ? 'forbidden' : 'public'
}

/** `host`, `host:port`, and either with the path that every call has to begin with. */
function isWithin(allowed: string, url: Pick<URL, 'host' | 'hostname' | 'pathname'>): boolean {
  const [, place = '', path = ''] = /^([^/]*)(\/.*)?$/.exec(allowed) ?? []
  const named = plainHost(place)
  if (named !== url.host && named !== url.hostname) return false
  const prefix = path.replace(/\/+$/, '')
  return url.pathname === prefix || url.pathname.startsWith(`${prefix}/`)
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
