import type { SigningSystem } from '#core/access/gateway.ts'
import type { Refusal } from '#core/errors.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A code that an auth server made, and checks itself. */
export interface GivenCode {
  /** As the auth server spells it. */
  readonly to: string
  readonly code: string
  /** BCP 47; one that no message is written in is as good as none. */
  readonly locale?: string | undefined
  readonly expiresInSeconds?: number | undefined
  /** The same for every repetition of one call; absent where the auth server sends none. */
  readonly hookId?: string | undefined
  /**
   * Whoever asks again may be given the same code. Elsewhere every code is a new one, so that without an id the same
   * code for the same person is the repetition of a call, however late it comes.
   */
  readonly isCodeKept?: boolean
  /** What the auth server wants it for, as it names that. */
  readonly kind?: string | undefined
}

/** Auth servers that send an API key. */
export interface KeyedSystem {
  readonly name: 'logto' | 'kratos' | 'auth0' | 'keycloak'
  read(body: unknown): GivenCode
}

/** A call that is well and has nothing to deliver, and why. */
export interface Skipped {
  readonly skipped: string
}

/** Auth servers that sign their calls. */
export interface SigningHook {
  readonly name: SigningSystem
  isSigned(request: FastifyRequest, secret: string, now: Date): boolean
  read(request: FastifyRequest, now: Date): GivenCode | Skipped
  /** Of its own shape; without one a refusal is a problem, as everywhere else. */
  readonly refuse?: (reply: FastifyReply, refusal: Refusal) => FastifyReply
}
