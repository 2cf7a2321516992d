import type { SigningSystem } from '#gateways/core/gateway.ts'
import type { FastifyRequest } from 'fastify'
import type { Refuse } from './refuse.ts'

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
   * Without an id, the same code for the same person is the repetition of a call until so long after the first one: as
   * long as the code lives, for whoever asks again is given another one. An hour unless it is known better.
   */
  readonly repeatedWithinSeconds?: number | undefined
  /** What the auth server wants it for, as it names that. */
  readonly kind?: string | undefined
}

interface System {
  /** In the shape that it reads, or that its log shows best. */
  readonly refuse: Refuse
}

/** Auth servers that send an API key. */
export interface KeyedSystem extends System {
  readonly name: 'logto' | 'kratos' | 'auth0' | 'keycloak'
  read(body: unknown): GivenCode
}

/** A call that is well and has nothing to deliver, and why. */
export interface Skipped {
  readonly skipped: string
}

/** Auth servers that sign their calls. */
export interface SigningHook extends System {
  readonly name: SigningSystem
  isSigned(request: FastifyRequest, secret: string, now: Date): boolean
  read(request: FastifyRequest, now: Date): GivenCode | Skipped
}
