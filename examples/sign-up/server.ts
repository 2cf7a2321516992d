import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import { codeStep, curl, keep, readPlace, serveByHand } from '../by-hand.ts'
import { type Centang, connectCentang } from '../centang.ts'
import { answer, serveJson, textOf } from '../json-server.ts'

interface SignUp {
  readonly name: string
  readonly phone: string
  readonly verificationId: string
}

export interface Account {
  readonly id: string
  readonly name: string
  readonly phone: string
}

/**
 * Sign-up with a verified phone. Two rules make it safe: the account is made of what was kept when the code was sent,
 * never of what the second request says; and a sign-up is used once.
 */
export function createSignUp(centang: Centang): { readonly server: Server; readonly accounts: Map<string, Account> } {
  // A shop would keep both in its database; the sign-ups for a quarter of an hour.
  const signUps = new Map<string, SignUp>()
  const accounts = new Map<string, Account>()

  const server = serveJson({
    // The answer is the same whether the phone has an account or not: nobody learns who is a customer.
    'POST /sign-ups': async (asked) => {
      const [name, phone] = [textOf(asked, 'name').trim(), textOf(asked, 'phone').replaceAll(/[\s()-]/g, '')]
      if (name === '') return answer(422, { error: 'name_missing' })
      const started = await centang.start({ to: phone, purpose: 'sign_up', locale: 'id' })
      const id = randomUUID()
      signUps.set(id, { name, phone, verificationId: started.id })
      return answer(201, { id, sent_by: started.channel, resend_in_seconds: started.resend_in_seconds })
    },

    'POST /sign-ups/:id/code': async (asked) => {
      const signUp = signUps.get(asked.id)
      if (!signUp) return answer(404, { error: 'not_found' })
      const { valid, checks_remaining } = await centang.check(signUp.verificationId, textOf(asked, 'code'))
      if (!valid) return answer(422, { error: 'wrong_code', checks_remaining })
      signUps.delete(asked.id)
      // Now the person has shown that the phone is theirs, and may know what there is.
      if (accounts.has(signUp.phone)) return answer(409, { error: 'account_exists' })
      const account = { id: randomUUID(), name: signUp.name, phone: signUp.phone }
      accounts.set(signUp.phone, account)
      return answer(201, account)
    },
  })
  return { server, accounts }
}

if (import.meta.main) {
  const place = await readPlace()
  serveByHand(createSignUp(connectCentang(place)).server, 4001, (own) => [
    ['Sign up', keep('ID', 'id', curl(`${own}/sign-ups`, { name: 'Budi', phone: place.phone }))],
    codeStep(place),
    ['An account is made', curl(`${own}/sign-ups/$ID/code`, { code: '$CODE' })],
  ])
}
