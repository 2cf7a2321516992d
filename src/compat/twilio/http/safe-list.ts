import type { FastifyInstance, FastifyRequest } from 'fastify'
import { needs } from '#platform/http/permissions.ts'
import type { SafeNumber } from '#compat/twilio/core/kept-settings.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import { readRecipient } from '#platform/http/recipient.ts'
import { invalidParameter, TwilioFault } from './errors.ts'
import { formOf } from './form.ts'
import { spellSid } from '#compat/twilio/core/sid.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<TwilioTakes, 'access' | 'now' | 'publicUrl' | 'safeNumbers'>

/**
 * Numbers of an account that its services' rate limits never hold back. Whatever protects the person behind the number
 * (sends in ten minutes, waits, wrong codes) holds for them too.
 */
export function safeListRoutes(app: FastifyInstance, takes: Takes): void {
  const { safeNumbers } = takes

  app.post('/SafeList/Numbers', needs('compat:admin'), async (request, reply) => {
    const caller = callerOf(request)
    await takes.access.requireMayChange(caller)
    const number = readNumber(formOf(request).required('PhoneNumber'))
    if (number === undefined) throw invalidParameter('PhoneNumber')
    const added = await safeNumbers.add(caller, number, takes.now())
    if (!added) throw new TwilioFault(60411, 409, 'The phone number is already in the safe list')
    return reply.status(201).send(represent(added, takes.publicUrl()))
  })

  app.get('/SafeList/Numbers/:PhoneNumber', needs('compat:read'), async (request) => {
    const number = numberOf(request)
    const found = await safeNumbers.find(callerOf(request), number)
    if (!found) throw new Refusal(platformRefusals.resource_not_found)
    return represent(found, takes.publicUrl())
  })

  app.delete('/SafeList/Numbers/:PhoneNumber', needs('compat:admin'), async (request, reply) => {
    const caller = callerOf(request)
    await takes.access.requireMayChange(caller)
    if (!(await safeNumbers.remove(caller, numberOf(request)))) throw new Refusal(platformRefusals.resource_not_found)
    return reply.status(204).send()
  })
}

function numberOf(request: FastifyRequest): string {
  const number = readNumber((request.params as { PhoneNumber: string }).PhoneNumber)
  if (number === undefined) throw new Refusal(platformRefusals.resource_not_found)
  return number
}

function readNumber(text: string): string | undefined {
  try {
    // An address of e-mail is a recipient, but none of Twilio's phone numbers.
    return text.includes('@') ? undefined : readRecipient(text)
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

const represent = ({ id, phoneNumber }: SafeNumber, publicUrl: string): object => ({
  sid: spellSid('safeNumber', id),
  phone_number: phoneNumber,
  url: `${publicUrl}/v2/SafeList/Numbers/${phoneNumber}`,
})
