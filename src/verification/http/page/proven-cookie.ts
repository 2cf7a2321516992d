import type { FastifyRequest } from 'fastify'
import { spellId } from '#platform/core/id.ts'
import { isSameSecret } from '#platform/net/same-secret.ts'
import { verificationIds } from '#verification/core/ids.ts'
import type { Ticket, TicketKeys } from './ticket.ts'

/** By it the browser that brought the right code is known again when it loads the page once more. */
const nameOf = (verificationId: string): string => `centang_${spellId(verificationIds.verification, verificationId)}`

const valueOf = (keys: TicketKeys, verificationId: string): string =>
  Buffer.from(keys.fingerprint('proven page', verificationId)).toString('base64url')

interface Page {
  readonly keys: TicketKeys
  readonly publicUrl: () => string
  readonly now: () => Date
}

/** RFC 6265bis. In a frame it is a third party's, so there it is partitioned by the site that shows the page. */
export function provenCookie({ keys, publicUrl, now }: Page, { ticket }: { readonly ticket: Ticket }): string {
  const { verificationId: id, frameOrigin, expiresAt } = ticket
  const url = new URL(publicUrl())
  const isSecure = url.protocol === 'https:'
  const path = `${url.pathname.replace(/\/$/, '')}/verify/${spellId(verificationIds.verification, id)}`
  const seconds = Math.max(1, Math.floor((expiresAt.getTime() - now().getTime()) / 1000))
  const site = isSecure && frameOrigin !== undefined ? 'SameSite=None; Partitioned' : 'SameSite=Lax'
  return `${nameOf(id)}=${valueOf(keys, id)}; Path=${path}; Max-Age=${seconds}; HttpOnly; ${site}${isSecure ? '; Secure' : ''}`
}

export function hasProven(keys: TicketKeys, { headers }: FastifyRequest, verificationId: string): boolean {
  const start = `${nameOf(verificationId)}=`
  const given = (headers.cookie ?? '').split(/; */).find((one) => one.startsWith(start))
  return given !== undefined && isSameSecret(given.slice(start.length), valueOf(keys, verificationId))
}
