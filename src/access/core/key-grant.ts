import type { Scope } from '#platform/core/permission.ts'
import { holdsAddress, holdsRange, readRange } from '#platform/core/address-range.ts'

/** What a key is given. */
export interface KeyGrant {
  readonly scopes: readonly Scope[]
  /** Addresses and ranges that it may be used from; absent: any. */
  readonly allowedAddresses?: readonly string[] | undefined
  readonly expiresAt?: Date | undefined
}

export type AskedGrant = { readonly [Member in keyof KeyGrant]?: KeyGrant[Member] | undefined }

/** Least first: whoever needs more names it. */
export const scopesDefault: readonly Scope[] = ['verify']

export const allowedAddressesMax = 50

/** Which member of what was asked is wrong, and how. */
export class GrantRefused extends Error {
  readonly member: 'scopes' | 'allowed_addresses' | 'expires_at'
  readonly problem: string

  constructor(member: GrantRefused['member'], problem: string) {
    super(`${member} ${problem}`)
    this.member = member
    this.problem = problem
  }
}

/**
 * What a key gets that another key makes: never more than the maker has, nor for longer, nor from elsewhere. What is not
 * asked for is as narrow as the maker's. The operator has no grant, and gives what is asked.
 */
export function grantFor(
  maker: KeyGrant | undefined,
  asked: AskedGrant,
  permissionsOf: (scopes: readonly Scope[]) => ReadonlySet<string>,
  now: Date,
): KeyGrant {
  const granted = {
    scopes: [...new Set(asked.scopes ?? scopesDefault)],
    allowedAddresses: asked.allowedAddresses ?? maker?.allowedAddresses,
    expiresAt: asked.expiresAt ?? maker?.expiresAt,
  }
  const { allowedAddresses, expiresAt } = granted
  if (allowedAddresses?.some((one) => !readRange(one)))
    throw new GrantRefused('allowed_addresses', 'must be addresses, or ranges like 10.0.0.0/8 without further bits')
  if (expiresAt && expiresAt <= now) throw new GrantRefused('expires_at', 'must lie ahead')
  if (!maker) return granted
  const makers = permissionsOf(maker.scopes)
  if (![...permissionsOf(granted.scopes)].every((permission) => makers.has(permission)))
    throw new GrantRefused('scopes', 'must not be more than the key has that makes it')
  if (maker.expiresAt && expiresAt && expiresAt > maker.expiresAt)
    throw new GrantRefused('expires_at', 'must not be later than that of the key that makes it')
  if (maker.allowedAddresses && !isWithin(maker.allowedAddresses, allowedAddresses ?? []))
    throw new GrantRefused('allowed_addresses', 'must be within those of the key that makes it')
  return granted
}

const isWithin = (outer: readonly string[], inner: readonly string[]): boolean => {
  const outerRanges = outer.flatMap((one) => readRange(one) ?? [])
  return inner
    .flatMap((one) => readRange(one) ?? [])
    .every((one) => outerRanges.some((range) => holdsRange(range, one)))
}

/** Undefined: from anywhere. */
export function allowedFrom(addresses: readonly string[] | undefined): ((address: string) => boolean) | undefined {
  if (addresses === undefined) return undefined
  const ranges = addresses.flatMap((one) => readRange(one) ?? [])
  return (address) => ranges.some((range) => holdsAddress(range, address))
}
