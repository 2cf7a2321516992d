import { timingSafeEqual } from 'node:crypto'
import { needs } from '#platform/http/permissions.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '#platform/core/caller.ts'
import { readId } from '#platform/core/id.ts'
import { shorten } from '#platform/core/storable-text.ts'
import type { Credential } from '#platform/http/authenticate.ts'
import type { Keyring } from '#platform/keys/keyring.ts'
import { verificationIds } from '#verification/core/ids.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the call may be made by a page, for its own verification. */
    takesClientToken?: boolean
  }
}

/**
 * A page may hold one: `ct_…` opens one verification, for reading, checking and sending again, until it is over.
 * Nothing is kept: the token says whose it is, and a MAC by the server's own keys vouches for it.
 */
export interface ClientClaims extends Caller {
  readonly verificationId: string
  readonly expiresAt: Date
}

/** The verification's id can be read off it; then the other ids, the mode and the time, and the MAC over all of it. */
const tokenPattern = /^ct_([0-9a-f]{32})_([A-Za-z0-9_-]{71})\.([A-Za-z0-9_-]{22})$/

const ids = ['businessId', 'applicationId', 'keyId'] as const

export type ClientTokenKeys = Pick<Keyring, 'fingerprint'>

// A first part with a space: what is signed for idempotency keys begins with an HTTP method, which has none.
const macOf = (keys: ClientTokenKeys, id: string, facts: string): Buffer =>
  Buffer.from(keys.fingerprint('client token', id, facts))

export function makeClientToken(keys: ClientTokenKeys, claims: ClientClaims): string {
  const bytes = Buffer.alloc(53)
  for (const [index, name] of ids.entries()) bytes.write(claims[name].replaceAll('-', ''), index * 16, 'hex')
  bytes.writeUInt8(claims.live ? 1 : 0, 48)
  bytes.writeUInt32BE(Math.floor(claims.expiresAt.getTime() / 1000), 49)
  const id = claims.verificationId.replaceAll('-', '')
  const facts = bytes.toString('base64url')
  return `ct_${id}_${facts}.${macOf(keys, id, facts).toString('base64url')}`
}

/** Undefined when it is not ours, was changed, or its time is over. */
export function readClientToken(keys: ClientTokenKeys, token: string, now: Date): ClientClaims | undefined {
  const [, id, facts, mac] = tokenPattern.exec(token) ?? []
  if (id === undefined || facts === undefined || mac === undefined) return undefined
  if (!timingSafeEqual(macOf(keys, id, facts), Buffer.from(mac, 'base64url'))) return undefined
  const bytes = Buffer.from(facts, 'base64url')
  const uuidAt = (index: number): string => spellUuid(bytes.toString('hex', index * 16, index * 16 + 16))
  const expiresAt = new Date(bytes.readUInt32BE(49) * 1000)
  if (expiresAt <= now) return undefined
  return {
    verificationId: spellUuid(id),
    businessId: uuidAt(0),
    applicationId: uuidAt(1),
    keyId: uuidAt(2),
    live: bytes.readUInt8(48) === 1,
    expiresAt,
  }
}

const spellUuid = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

/** Of these, the calls that take a token. */
const pagePermissions: ReadonlySet<string> = new Set(['verification:write', 'verification:read'])

/** A token opens a call that takes one, for its own verification, and nothing else. */
export const clientTokens = (keys: ClientTokenKeys, now: () => Date): Credential => ({
  isOne: (key) => key.startsWith('ct_'),
  find(token, request) {
    if (!request.routeOptions.config.takesClientToken) return undefined
    const claims = readClientToken(keys, token, now())
    const { id } = request.params as { readonly id: string }
    if (!claims || readId(verificationIds.verification, id) !== claims.verificationId) return undefined
    const { businessId, applicationId, keyId, live } = claims
    return { businessId, applicationId, keyId, live, permissions: pagePermissions }
  },
  isOfPage: true,
})

/**
 * Pages of any origin may read an answer that was asked for with a token: the token is the credential, there is no
 * cookie. With a server's key they may not, so that nobody builds a page around one.
 */
export function letPageRead(request: FastifyRequest, reply: FastifyReply): void {
  if (!/^Bearer ct_/i.test(request.headers.authorization ?? '')) return
  void reply
    .header('access-control-allow-origin', '*')
    .header(
      'access-control-expose-headers',
      'retry-after, x-request-id, ratelimit-limit, ratelimit-remaining, ratelimit-reset',
    )
}

/** Browsers ask this before they send a token. Nobody is authenticated here: there is nothing to see. */
export async function preflights(app: FastifyInstance): Promise<void> {
  for (const [call, methods] of Object.entries({ '': 'GET', '/check': 'POST', '/resend': 'POST', '/next': 'POST' })) {
    app.options(`/verifications/:id${call}`, { schema: { hide: true }, ...needs('anyone') }, async (_request, reply) =>
      reply
        .status(204)
        .header('access-control-allow-origin', '*')
        .header('access-control-allow-methods', methods)
        .header('access-control-allow-headers', 'authorization, content-type, idempotency-key')
        .header('access-control-max-age', '600')
        .send(),
    )
  }
}

interface Shown {
  readonly to: string
  readonly deliveries: readonly object[]
  readonly timeline?: readonly object[]
}

/**
 * A page's view of its verification. A person who knows only a password has no business learning the number behind the
 * account, and metadata is the business's.
 */
export function showToPage(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null || !('to' in payload)) return payload
  const shown = payload as Shown
  return {
    ...shown,
    to: maskRecipient(shown.to),
    metadata: null,
    deliveries: shown.deliveries.map((delivery) => ({ ...delivery, provider_code: null })),
    ...(shown.timeline && { timeline: [] }),
  }
}

/** `+62••••••••89`, `b•••@example.com`: enough for its owner to know it. */
export function maskRecipient(recipient: string): string {
  const at = recipient.lastIndexOf('@')
  if (at > 0) return `${shorten(recipient, 1)}•••${recipient.slice(at)}`
  return `${recipient.slice(0, 3)}${'•'.repeat(Math.max(4, recipient.length - 5))}${recipient.slice(-2)}`
}
