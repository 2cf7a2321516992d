import { lookup as lookupHost, type LookupAddress, type LookupOptions } from 'node:dns'
import { BlockList, isIP } from 'node:net'

/** RFC 6890 special-purpose addresses: nothing a public service stands on. */
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

/** An IPv4 address within an IPv6 one (`::ffff:10.0.0.1`) is judged as the IPv4 address it is. */
export const isPrivate = (address: string): boolean =>
  privateRanges.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

/**
 * Whether the host of a URL is a private address. Decimal, octal, hexadecimal and full-width spellings need no rule of
 * their own: `URL` has read them by then. A name is judged when it is looked up.
 */
export function isPrivateLiteral(hostname: string): boolean {
  const literal = hostname.replace(/^\[(.*)\]$/, '$1')
  return isIP(literal) !== 0 && isPrivate(literal)
}

type LookupDone = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void

/** As `dns.lookup` with all addresses of a name. */
export type LookupAll = (
  hostname: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/**
 * A look-up that finds public addresses only. It is used where the connection is made, so that a name cannot point
 * elsewhere after it was judged.
 */
export const lookupPublic =
  (refuse: (hostname: string) => Error, lookup: LookupAll = lookupHost) =>
  (hostname: string, options: LookupOptions, done: LookupDone): void => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '')
      const open = addresses.filter(({ address }) => !isPrivate(address))
      const [first] = open
      if (!first) return done(refuse(hostname), '')
      return options.all ? done(null, open) : done(null, first.address, first.family)
    })
  }
