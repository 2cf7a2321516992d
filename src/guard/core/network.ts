/**
 * The network of an address that one subscriber or one company has for itself: /24 of IPv4, /48 of IPv6. Undefined: not
 * an address.
 */
export function networkOf(ip: string): string | undefined {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1]
  const v4 = mapped ?? ip
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(v4)) {
    const octets = v4.split('.').map(Number)
    return octets.every((octet) => octet <= 255) ? `${octets.slice(0, 3).join('.')}.0/24` : undefined
  }
  const groups = groupsOf(ip)
  return groups && `${groups.slice(0, 3).join(':')}::/48`
}

/** The first groups of an IPv6 address, without leading zeros; undefined: it is none. */
function groupsOf(ip: string): readonly string[] | undefined {
  const [plain = ''] = ip.toLowerCase().split('%')
  const halves = plain.split('::')
  if (halves.length > 2) return undefined
  const [before = [], after = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const given = [...before, ...after]
  const isWhole = halves.length === 1
  if (isWhole ? given.length !== 8 : given.length > 7) return undefined
  // The last one may be an IPv4 address, which stands for two groups; none of those is looked at.
  const [last = ''] = given.slice(-1)
  const hex = last.includes('.') ? given.slice(0, -1) : given
  if (!hex.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return undefined
  const zeros = Array.from({ length: 8 - given.length }, () => '0')
  return [...before, ...(isWhole ? [] : zeros), ...after].map((group) => Number.parseInt(group, 16).toString(16))
}
