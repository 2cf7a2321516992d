import parsePhoneNumber from 'libphonenumber-js/max'
import { needs } from '#platform/http/permissions.ts'
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { isKeyOfClient } from '#access/core/api-key.ts'
import type { Caller } from '#platform/core/caller.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { normaliseCode } from '#verification/core/code.ts'
import { resendAfter, type Verification } from '#verification/core/verification.ts'
import { admit, callerOf } from '#platform/http/authenticate.ts'
import { codeFloor, raisedTo } from '#compat/http/code-floor.ts'
import { findPending } from '#compat/http/find-pending.ts'
import { ignoredParameters } from '#compat/http/ignored-parameters.ts'
import { judgeError } from '#platform/http/problem.ts'
import { answer, answerRefusal, outcomes } from './errors.ts'
import { invalidCountry, type Query, readSend, text } from './read-send.ts'
import { customerId } from '#compat/message-central/core/credentials.ts'
import { issueToken, readToken } from './token.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'
import type { MessageCentralTakes } from './takes.ts'

type Takes = Pick<MessageCentralTakes, 'access' | 'keys' | 'now' | 'verification' | 'verificationNumbers'>

/** No other door can name it, so that nobody finds here what was started elsewhere. */
const purpose = 'message-central:verification'
const known = ['type', 'flowType', 'otpLength', 'countryCode', 'mobileNumber', 'customerId']

/** Message Central's VerifyNow v3: three calls, everything in the URL, the outcome in the body. */
export const messageCentralRoutes =
  (takes: Takes): FastifyPluginAsync =>
  async (app) => {
    app.setErrorHandler((error, request, reply) => {
      return answerRefusal(reply, judgeError(error, request))
    })
    // A body says nothing here, whatever it calls itself.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null, null))
    // Clients differ in the slash at the end.
    for (const slash of ['', '/']) {
      tokenRoute(app, takes, `/auth/v1/authentication/token${slash}`)
      sendRoute(app, takes, `/verification/v3/send${slash}`)
      validateRoute(app, takes, `/verification/v3/validateOtp${slash}`)
    }
  }

/** The key is ours in base64; in a URL its `+` may have come as a space. */
function tokenRoute(app: FastifyInstance, takes: Takes, url: string): void {
  app.get(url, needs('signed'), async (request, reply) => {
    const query = request.query as Query
    const customer = text(query, 'customerId')
    const given = text(query, 'key')
    if (customer === undefined || given === undefined) throw new Refusal(platformRefusals.credentials_missing)
    const key = Buffer.from(given.replaceAll(' ', '+'), 'base64').toString('utf8')
    const caller = isKeyOfClient(key) ? await takes.access.findCaller(key) : undefined
    if (!caller || customerId(caller.businessId) !== customer.toUpperCase())
      throw new Refusal(platformRefusals.credentials_invalid)
    return reply
      .header('cache-control', 'no-store')
      .send({ status: 200, token: issueToken(takes.keys, caller, takes.now()) })
  })
}

/** A token of a key that was revoked meanwhile is worth nothing. */
async function authenticate(takes: Takes, request: FastifyRequest): Promise<void> {
  const token = request.headers['authtoken']
  if (typeof token !== 'string' || token === '') throw new Refusal(platformRefusals.credentials_missing)
  const named = readToken(takes.keys, token, takes.now())
  const caller = named && (await takes.access.findCallerById(named.businessId, named.keyId))
  if (!caller) throw new Refusal(platformRefusals.credentials_invalid)
  admit(request, caller)
}

/** Clients name their customer id again with each call, or leave it to the token. */
const isOtherCustomer = (caller: Caller, query: Query): boolean =>
  (text(query, 'customerId') ?? customerId(caller.businessId)).toUpperCase() !== customerId(caller.businessId)

function sendRoute(app: FastifyInstance, takes: Takes, url: string): void {
  const tellIgnored = ignoredParameters('message-central')
  app.post(
    url,
    { ...needs('verification:write'), onRequest: (request) => authenticate(takes, request) },
    async (request, reply) => {
      const query = request.query as Query
      const caller = callerOf(request)
      if (isOtherCustomer(caller, query)) return answer(reply, outcomes.invalidCustomer)
      const send = readSend(query)
      if (send === invalidCountry) return answer(reply, outcomes.invalidCountry)
      tellIgnored(
        request.log,
        Object.keys(query).filter((name) => !known.includes(name)),
      )
      const pending = await findPending(takes, caller, send.recipient, purpose)
      if (pending && secondsUntilResend(pending, takes.now()) > 0) {
        // Without its id: whoever asks second could read the first one's success by it.
        const timeout = String(secondsUntilResend(pending, takes.now()))
        return answer(reply, outcomes.alreadyExists, { mobileNumber: nationalNumber(pending), timeout })
      }
      const { verification } = await takes.verification.start(caller, {
        ...send,
        codeLength: raisedTo(await codeFloor(takes, caller), send.codeLength),
        purpose,
      })
      return answer(reply, outcomes.success, await sendData(takes, verification))
    },
  )
}

function validateRoute(app: FastifyInstance, takes: Takes, url: string): void {
  app.get(
    url,
    { ...needs('verification:write'), onRequest: (request) => authenticate(takes, request) },
    async (request, reply) => {
      const query = request.query as Query
      const caller = callerOf(request)
      if (isOtherCustomer(caller, query)) return answer(reply, outcomes.invalidCustomer)
      const given = text(query, 'code')
      if (given === undefined || given.length > 64) {
        throw new Refusal(platformRefusals.body_invalid, {
          errors: [{ path: 'querystring/code', problem: 'is required' }],
        })
      }
      const { number, verification } = await findByNumber(takes, caller, text(query, 'verificationId'))
      const data = (status: string) => validateData(verification, number, status)
      try {
        // Letters are part of no code, so what has them is wrong; comparing it counts it like any other wrong one.
        const code = normaliseCode(given) ?? given
        const { isValid } = await takes.verification.check(caller, { id: verification.id, code })
        return isValid
          ? answer(reply, outcomes.success, data('VERIFICATION_COMPLETED'))
          : answer(reply, outcomes.wrongCode, data('VERIFICATION_PENDING'))
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const now = error.code === 'verification_closed' ? await takes.verification.load(verification) : undefined
        if (now?.status === 'approved') return answer(reply, outcomes.alreadyVerified, data('VERIFICATION_COMPLETED'))
        judgeError(error, request)
        return answerRefusal(reply, error, data('VERIFICATION_FAILED'))
      }
    },
  )
}

async function findByNumber(takes: Takes, caller: Caller, spelled: string | undefined) {
  const number = spelled !== undefined && /^\d{1,15}$/.test(spelled) ? Number(spelled) : undefined
  const { businessId, live } = caller
  const id = number === undefined ? undefined : await takes.verificationNumbers.find(businessId, number)
  const verification = id === undefined ? undefined : await takes.verification.load({ businessId, id })
  if (number === undefined || !verification || verification.live !== live)
    throw new Refusal(verificationRefusals.verification_not_found)
  return { number, verification }
}

/** `timeout`: seconds until a code can be asked for again. Their ids are text here and a number when validated. */
async function sendData(takes: Takes, verification: Verification): Promise<object> {
  return {
    verificationId: String(await takes.verificationNumbers.keep(verification.businessId, verification.id)),
    mobileNumber: nationalNumber(verification),
    timeout: String(secondsUntilResend(verification, takes.now())),
    smsCLI: null,
    transactionId: verification.id,
  }
}

const validateData = (verification: Verification, number: number, verificationStatus: string): object => ({
  verificationId: number,
  mobileNumber: nationalNumber(verification),
  verificationStatus,
  transactionId: verification.id,
  referenceId: verification.id,
  authToken: null,
})

const nationalNumber = ({ recipient }: Verification): string => parsePhoneNumber(recipient)?.nationalNumber ?? recipient

function secondsUntilResend({ policy, sentRecently }: Verification, now: Date): number {
  const at = resendAfter(policy, sentRecently) ?? now
  return Math.max(0, Math.ceil((at.getTime() - now.getTime()) / 1000))
}
