import { lookup as lookupHost, type LookupAddress, type LookupOptions } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import { plainHost } from '#platform/core/host.ts'

/** RFC 6890 special-purpose addresses: nothing a public service stands on. */
const private4 = new BlockList()
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  private4.addSubnet(net, prefix, 'ipv4')
}
/**
 * Public IPv6 is 2000::/3 without what is set aside in it. The rest holds, among others, every way to write an IPv4
 * address as an IPv6 one (mapped, compatible, translated, NAT64), which a gateway on the way might turn back. A list of
 * its own: in a common one a range of mapped addresses would stand for all of IPv4.
 */
const private6 = new BlockList()
for (const [net, prefix] of [
  ['::', 3],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['4000::', 2],
  ['8000::', 1],
] as const) {
  private6.addSubnet(net, prefix, 'ipv6')
}

const isPrivate = (address: string): boolean =>
  isIP(address) === 6 ? private6.check(address, 'ipv6') : private4.check(address, 'ipv4')

/**
 * Whether the host of a URL is a private address. Decimal, octal, hexadecimal and full-width spellings need no rule of
 * their own: `URL` has read them by then. A name is judged when it is looked up.
 */
export function isPrivateLiteral(hostname: string): boolean {
  const literal = plainHost(hostname).replace(/^\[(.*)\]$/, '$1')
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
