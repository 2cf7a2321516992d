import { plainHost, plainOrigin, plainUrl } from '#platform/core/host.ts'
import { isPrivateLiteral } from './public-address.ts'

export interface BusinessReach {
  /** `host` or `host:port` that the operator allows besides public addresses, also by plain http. */
  readonly allowedHosts: readonly string[]
  /** Origins of this server itself: nobody makes it call itself. */
  readonly ownOrigins?: () => readonly (string | undefined)[]
  readonly ports?: readonly number[]
}

/** Where receivers stand. Elsewhere a request from inside might mean something to a service that is no receiver. */
const portsDefault: readonly number[] = [443, 8443]

const elsewhere = '(the operator of the server may allow a host by name: CENTANG_WEBHOOK_HOSTS)'

export type BusinessUrlVerdict = 'named' | 'public' | { readonly problem: string }

/** Whether a server of a business may be there; the address behind a name is judged when the connection is made. */
export function judgeBusinessUrl(text: string, reach: BusinessReach): BusinessUrlVerdict {
  const { allowedHosts, ownOrigins, ports = portsDefault } = reach
  const url = plainUrl(text)
  if (!url || !/^https?:$/.test(url.protocol)) return { problem: `must be an https URL ${elsewhere}` }
  const { origin, protocol, host, hostname, port } = url
  if (url.username !== '' || url.password !== '') return { problem: 'must not carry credentials' }
  if (ownOrigins?.().some((own) => own !== undefined && plainOrigin(own) === origin))
    return { problem: 'must not be this server' }
  if (allowedHosts.map(plainHost).some((one) => one === host || one === hostname)) return 'named'
  if (protocol !== 'https:') return { problem: `must be an https URL ${elsewhere}` }
  if (!ports.includes(Number(port || 443))) return { problem: `must use port 443 or 8443 ${elsewhere}` }
  if (isPrivateLiteral(hostname) || isLocalName(hostname))
    return { problem: `must be at a public address ${elsewhere}` }
  return 'public'
}

/** Names that only a network of one's own answers; caught early, for a better answer than a failed delivery. */
const isLocalName = (hostname: string): boolean =>
  (!hostname.includes('.') && !hostname.startsWith('[')) || /(^|\.)(localhost|local|internal)$/.test(hostname)
