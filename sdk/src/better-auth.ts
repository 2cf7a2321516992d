import { APIError } from 'better-auth/api'
import type { Channel, WantedStep } from './api-types.ts'
import { type Centang, CentangRefusal } from './client.ts'

export interface PhoneNumberCodesOptions {
  readonly centang: Centang
  /** Language of the message; by default the application's. */
  readonly locale?: string | ((phoneNumber: string) => string | undefined) | undefined
  readonly channel?: Channel | undefined
  readonly workflow?: readonly WantedStep[] | undefined
  /** Told of what could not be sent or checked: Better Auth keeps it from the person where it would give away an account. */
  readonly onRefusal?: ((refusal: CentangRefusal) => void) | undefined
}

/** What `phoneNumber({ … })` of Better Auth takes. */
export interface PhoneNumberCodes {
  readonly phoneNumberValidator: (phoneNumber: string) => boolean
  readonly sendOTP: (data: Sent) => Promise<void>
  readonly sendPasswordResetOTP: (data: Sent) => Promise<void>
  readonly verifyOTP: (data: Sent, context?: { readonly path?: string | undefined }) => Promise<boolean>
}

interface Sent {
  readonly phoneNumber: string
  /** To be sent: Better Auth's own code, which is not used. To be checked: what the person typed. */
  readonly code: string
}

/** One purpose each, so that a code for signing in sets no new password. */
const purposes = { signIn: 'better-auth.sign-in', reset: 'better-auth.reset' }
type Purpose = keyof typeof purposes

/**
 * Codes of the phoneNumber plugin are made, sent and checked by Centang: fallback between channels, and one limit of
 * wrong codes a number, however many requests are made at once.
 *
 * ```ts
 * phoneNumber({ ...phoneNumberCodes({ centang }), requireVerification: true })
 * ```
 */
export function phoneNumberCodes(options: PhoneNumberCodesOptions): PhoneNumberCodes {
  const { verifications } = options.centang
  const send = async (phoneNumber: string, purpose: Purpose): Promise<void> => {
    const { channel, workflow, locale } = options
    await verifications.start({
      to: phoneNumber,
      purpose: purposes[purpose],
      channel,
      workflow,
      locale: typeof locale === 'function' ? locale(phoneNumber) : locale,
    })
  }
  const check = async (phoneNumber: string, code: string, purpose: Purpose): Promise<boolean> => {
    // Nothing is kept here between sending and checking: the server knows the pending one of a number and a purpose.
    const { data } = await verifications.list({
      to: phoneNumber,
      purpose: purposes[purpose],
      status: 'pending',
      limit: 1,
    })
    if (data[0] === undefined) return false
    try {
      return (await verifications.check(data[0].id, code)).valid
    } catch (error) {
      // It ended between the two calls.
      if (error instanceof CentangRefusal && [404, 409, 410].includes(error.status)) return false
      throw error
    }
  }
  const told = async <Result>(doing: Promise<Result>): Promise<Result> => {
    try {
      return await doing
    } catch (error) {
      if (!(error instanceof CentangRefusal)) throw error
      options.onRefusal?.(error)
      throw apiErrorOf(error)
    }
  }
  return {
    phoneNumberValidator: isE164,
    sendOTP: ({ phoneNumber }) => told(send(phoneNumber, 'signIn')),
    // Better Auth answers the same whether there is such an account, and only logs what this throws.
    sendPasswordResetOTP: ({ phoneNumber }) => told(send(phoneNumber, 'reset')),
    async verifyOTP({ phoneNumber, code }, context) {
      // Better Auth takes numbers as they are spelled, and does not ask the validator here: "+62 812…" would become a
      // second account of the number that the code was sent to.
      if (!isE164(phoneNumber) || !isCode(code)) return false
      const purpose = context?.path === '/phone-number/reset-password' ? 'reset' : 'signIn'
      return told(check(phoneNumber, code, purpose))
    },
  }
}

const isE164 = (phoneNumber: string): boolean => /^\+[1-9]\d{6,14}$/.test(phoneNumber)

const isCode = (code: string): boolean => /^.{1,64}$/u.test(code)

/** Refusals that are about the person who asks. What is wrong between their server and ours is not theirs to read. */
const statusOfTheirs: Readonly<Partial<Record<string, 'BAD_REQUEST' | 'FORBIDDEN' | 'TOO_MANY_REQUESTS'>>> = {
  recipient_invalid: 'BAD_REQUEST',
  recipient_not_allowed: 'BAD_REQUEST',
  channel_unavailable: 'BAD_REQUEST',
  recipient_disabled: 'FORBIDDEN',
  resend_too_soon: 'TOO_MANY_REQUESTS',
  send_limit_reached: 'TOO_MANY_REQUESTS',
  check_limit_reached: 'TOO_MANY_REQUESTS',
  checks_paused: 'TOO_MANY_REQUESTS',
  recipient_budget_spent: 'TOO_MANY_REQUESTS',
}

function apiErrorOf({ code, message, retryAfterSeconds }: CentangRefusal): APIError {
  const status = statusOfTheirs[code]
  if (!status) return new APIError('SERVICE_UNAVAILABLE', { code: 'CODE_SERVICE_UNAVAILABLE' })
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }
  return new APIError(status, { code: code.toUpperCase(), message, retryAfterSeconds }, headers)
}
