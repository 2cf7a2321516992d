import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Scope } from '#platform/core/permission.ts'
import { allowedFrom, type AskedGrant, grantFor, type KeyGrant } from './key-grant.ts'

const now = new Date('2026-01-01T00:00:00Z')
const inDays = (days: number): Date => new Date(now.getTime() + days * 86_400_000)
const words: Record<Scope, string[]> = { verify: ['v'], chat: ['c'], read: ['r'], admin: ['v', 'c', 'r', 'a'] }
const permissionsOf = (scopes: readonly Scope[]) => new Set(scopes.flatMap((scope) => words[scope]))
const grant = (maker: KeyGrant | undefined, asked: AskedGrant) => grantFor(maker, asked, permissionsOf, now)

const refused = (maker: KeyGrant | undefined, asked: AskedGrant, member: string): void =>
  assert.throws(() => grant(maker, asked), { member })

describe('a key that another key makes', () => {
  const maker: KeyGrant = { scopes: ['verify', 'chat'], allowedAddresses: ['10.0.0.0/8'], expiresAt: inDays(10) }

  it('gets no more than its maker has', () => {
    assert.deepEqual(grant(maker, { scopes: ['chat'] }).scopes, ['chat'])
    refused(maker, { scopes: ['read'] }, 'scopes')
    refused(maker, { scopes: ['chat', 'admin'] }, 'scopes')
    assert.deepEqual(grant({ scopes: ['admin'] }, { scopes: ['read', 'chat', 'read'] }).scopes, ['read', 'chat'])
  })

  it('lives no longer', () => {
    assert.deepEqual(grant(maker, {}).expiresAt, inDays(10))
    assert.deepEqual(grant(maker, { expiresAt: inDays(9) }).expiresAt, inDays(9))
    refused(maker, { expiresAt: inDays(11) }, 'expires_at')
    refused(undefined, { expiresAt: now }, 'expires_at')
  })

  it('is used from nowhere else', () => {
    assert.deepEqual(grant(maker, {}).allowedAddresses, ['10.0.0.0/8'])
    assert.deepEqual(grant(maker, { allowedAddresses: ['10.1.0.0/16'] }).allowedAddresses, ['10.1.0.0/16'])
    refused(maker, { allowedAddresses: ['10.1.0.0/16', '192.0.2.1'] }, 'allowed_addresses')
    refused(maker, { allowedAddresses: ['0.0.0.0/0'] }, 'allowed_addresses')
    refused(undefined, { allowedAddresses: ['10.0.0.1/8'] }, 'allowed_addresses')
  })

  it('verifies and no more unless something else is asked for', () => {
    assert.deepEqual(grant({ scopes: ['admin'] }, {}), {
      scopes: ['verify'],
      allowedAddresses: undefined,
      expiresAt: undefined,
    })
  })
})

describe('allowed addresses', () => {
  it('are any when none are named, and none when the list is empty', () => {
    assert.equal(allowedFrom(undefined), undefined)
    assert.equal(allowedFrom([])?.('10.0.0.1'), false)
    assert.equal(allowedFrom(['10.0.0.0/8', '::1'])?.('10.0.0.1'), true)
    assert.equal(allowedFrom(['10.0.0.0/8', '::1'])?.('::1'), true)
    assert.equal(allowedFrom(['10.0.0.0/8'])?.('no address'), false)
  })
})
