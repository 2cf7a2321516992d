import { type Command, InvalidArgumentError, Option } from 'commander'
import type { KeyGrant } from '#access/core/key-grant.ts'
import { readRange } from '#platform/core/address-range.ts'
import { type Scope, scopes } from '#platform/core/permission.ts'

export interface KeyOptions {
  readonly scope?: readonly Scope[]
  readonly allow?: readonly string[]
  readonly expires?: Date
}

const dayMs = 86_400_000
const unitsMs: Readonly<Record<string, number>> = { d: dayMs, h: 3_600_000, m: 60_000 }

/** What a new key may do, from where, and for how long. */
export const withKeyOptions = (command: Command, scopeDefault: Scope): Command =>
  command
    .addOption(
      new Option('--scope <scope...>', `what it may do: ${scopes.join(', ')} (default: ${scopeDefault})`).argParser(
        readScope,
      ),
    )
    .addOption(
      new Option('--allow <address...>', 'addresses and ranges it may be used from, as 10.0.0.0/8').argParser(
        readAllow,
      ),
    )
    .addOption(
      new Option('--expires <when>', 'when it ends: 90d, 12h, 30m, or a date like 2027-01-31').argParser(readExpires),
    )

function readScope(value: string, before: readonly Scope[] = []): readonly Scope[] {
  const scope = scopes.find((one) => one === value)
  if (!scope) throw new InvalidArgumentError(`It is one of ${scopes.join(', ')}.`)
  return [...before, scope]
}

function readAllow(value: string, before: readonly string[] = []): readonly string[] {
  if (!readRange(value)) throw new InvalidArgumentError('It is an address, or a range like 10.0.0.0/8.')
  return [...before, value]
}

function readExpires(value: string): Date {
  const [, many, unit = ''] = /^(\d{1,5})([dhm])$/.exec(value) ?? []
  const at = many === undefined ? new Date(value) : new Date(Date.now() + Number(many) * (unitsMs[unit] as number))
  if (Number.isNaN(at.getTime()) || at.getTime() <= Date.now())
    throw new InvalidArgumentError('It is a time that lies ahead, as 90d or 2027-01-31.')
  return at
}

export const grantOf = ({ scope, allow, expires }: KeyOptions, scopeDefault: Scope): KeyGrant => ({
  scopes: scope ?? [scopeDefault],
  allowedAddresses: allow,
  expiresAt: expires,
})
