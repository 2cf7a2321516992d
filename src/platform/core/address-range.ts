/**
 * A range of addresses in 128 bits: an IPv4 address is the IPv6 one that it is mapped to (RFC 4291 §2.5.5.2), so that
 * `::ffff:10.0.0.1` and `10.0.0.1` are the same caller.
 */
export interface AddressRange {
  readonly base: bigint
  /** Bits that count, 0–128. */
  readonly length: number
}

const mapped = 0xffff_0000_0000n

/** `203.0.113.7`, `10.0.0.0/8`, `2001:db8::/32`. Undefined when it is none, or has bits beyond its length. */
export function readRange(text: string): AddressRange | undefined {
  const [, address = '', bits] = /^([^/]{2,45})(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const isV4 = !address.includes(':')
  const base = readAddress(address)
  const max = isV4 ? 32 : 128
  if (base === undefined || Number(bits ?? max) > max) return undefined
  const length = Number(bits ?? max) + (isV4 ? 96 : 0)
  return base === cut(base, length) ? { base, length } : undefined
}

export const holdsAddress = (range: AddressRange, address: string): boolean => {
  const read = readAddress(address)
  return read !== undefined && cut(read, range.length) === range.base
}

export const holdsRange = (outer: AddressRange, inner: AddressRange): boolean =>
  inner.length >= outer.length && cut(inner.base, outer.length) === outer.base

const cut = (address: bigint, length: number): bigint => {
  const spare = BigInt(128 - length)
  return (address >> spare) << spare
}

/** Undefined when the text is no address. A zone (`fe80::1%eth0`) is of one machine and no part of it. */
export function readAddress(text: string): bigint | undefined {
  const address = text.split('%')[0] as string
  if (!address.includes(':')) {
    const v4 = readV4(address)
    return v4 === undefined ? undefined : mapped | v4
  }
  // The last two groups may be written as an IPv4 address.
  const [, head, tail] = /^(.*:)([^:]*\.[^:]*)$/.exec(address) ?? []
  if (head === undefined || tail === undefined) return readGroups(address)
  const v4 = readV4(tail)
  return v4 === undefined ? undefined : readGroups(`${head}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`)
}

function readV4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined
  return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
}

function readGroups(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [before, after] = halves.map((half) => (half === '' ? [] : half.split(':'))) as [string[], string[]?]
  const missing = 8 - before.length - (after?.length ?? 0)
  if (after === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...before, ...Array.from({ length: missing }, () => '0'), ...(after ?? [])]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n)
}

/**
 * Who is counted as one behind an address: an IPv4 address, or the 64 bits of an IPv6 one that a household or a server
 * is given whole.
 */
export function neighbourhoodOf(address: string): string {
  const read = readAddress(address)
  if (read === undefined) return address
  return read >> 32n === mapped >> 32n ? (read & 0xffff_ffffn).toString(16) : `${(read >> 64n).toString(16)}::/64`
}
