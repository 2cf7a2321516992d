import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import { codeStep, curl, keep, readPlace, serveByHand } from '../by-hand.ts'
import { type Centang, connectCentang } from '../centang.ts'
import { answer, serveJson, textOf } from '../json-server.ts'

interface ServiceRequest {
  readonly agent: string
  readonly phone: string
  /** For the customer's page only; the agent never has it. */
  readonly customerToken: string
  readonly verificationId: string
  status: 'waiting' | 'confirmed' | 'done'
  resetToken?: string
}

export interface Desk {
  /** Sessions of agents. */
  readonly agents: ReadonlySet<string>
  /** The phone on file: an agent can't have the code sent elsewhere. */
  readonly phones: ReadonlyMap<string, string>
  /** Carries the link of the customer's page to the customer; not by way of the agent. */
  readonly sendLink: (phone: string, id: string, token: string) => void
}

/**
 * A password reset that an agent carries out for a customer on the telephone. The customer types the code on a page of
 * their own, so that nobody ever learns to read codes out to an agent; the agent sees that it was confirmed, and may then
 * do that one thing, once. The new password's link goes to the customer's page.
 */
export function createServiceDesk(centang: Centang, { agents, phones, sendLink }: Desk): Server {
  const requests = new Map<string, ServiceRequest>()
  const asAgent = (id: string, token: string): ServiceRequest | undefined => {
    const request = requests.get(id)
    return request && agents.has(token) && request.agent === token ? request : undefined
  }
  const asCustomer = (id: string, token: string): ServiceRequest | undefined => {
    const request = requests.get(id)
    return request?.customerToken === token ? request : undefined
  }

  return serveJson({
    'POST /requests': async (asked) => {
      if (!agents.has(asked.token)) return answer(401, { error: 'sign_in' })
      const phone = phones.get(textOf(asked, 'customer'))
      if (phone === undefined) return answer(404, { error: 'no_such_customer' })
      const started = await centang.start({ to: phone, purpose: 'password_reset', locale: 'id' })
      const id = randomUUID()
      const customerToken = randomUUID()
      requests.set(id, { agent: asked.token, phone, customerToken, verificationId: started.id, status: 'waiting' })
      sendLink(phone, id, customerToken)
      return answer(201, { id, sent_to: `…${phone.slice(-3)}`, status: 'waiting' })
    },

    'GET /requests/:id': ({ id, token }) => {
      const request = asAgent(id, token)
      return request ? answer(200, { id, status: request.status }) : answer(404, { error: 'not_found' })
    },

    'POST /requests/:id/code': async (asked) => {
      const request = asCustomer(asked.id, asked.token)
      if (!request) return answer(404, { error: 'not_found' })
      const { valid, checks_remaining } = await centang.check(request.verificationId, textOf(asked, 'code'))
      if (!valid) return answer(422, { error: 'wrong_code', checks_remaining })
      request.status = 'confirmed'
      return answer(200, { status: request.status })
    },

    'POST /requests/:id/reset': ({ id, token }) => {
      const request = asAgent(id, token)
      if (!request) return answer(404, { error: 'not_found' })
      if (request.status !== 'confirmed') return answer(409, { error: request.status })
      request.status = 'done'
      request.resetToken = randomUUID()
      return answer(200, { status: request.status })
    },

    'GET /requests/:id/reset': ({ id, token }) => {
      const request = asCustomer(id, token)
      return request?.resetToken === undefined
        ? answer(404, { error: 'not_found' })
        : answer(200, { reset_token: request.resetToken })
    },
  })
}

if (import.meta.main) {
  const place = await readPlace()
  const agent = 'session-of-an-agent'
  const server = createServiceDesk(connectCentang(place), {
    agents: new Set([agent]),
    phones: new Map([['budi', place.phone]]),
    sendLink: (phone, id, token) =>
      console.log(`The customer ${phone} alone gets this:\n\nTOKEN=${token} # of ${id}\n`),
  })
  serveByHand(server, 4005, (own) => [
    ['The agent asks', keep('ID', 'id', curl(`${own}/requests`, { customer: 'budi' }, agent))],
    ['What the customer alone gets is printed here now. Put it in place of the dots', 'TOKEN=…'],
    codeStep(place),
    ['The customer confirms', curl(`${own}/requests/$ID/code`, { code: '$CODE' }, '$TOKEN')],
    ['The agent may now reset the password, once', curl(`${own}/requests/$ID/reset -X POST`, undefined, agent)],
    ['The customer alone gets the new one', curl(`${own}/requests/$ID/reset`, undefined, '$TOKEN')],
  ])
}
