import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import { codeStep, curl, keep, readPlace, serveByHand } from '../by-hand.ts'
import { type Centang, connectCentang, type Transaction } from '../centang.ts'
import { answer, type Routes, serveJson, textOf } from '../json-server.ts'
import { checkoutPage, confirmationPage } from './page.ts'

export interface Payment extends Transaction {
  readonly id: string
  readonly customer: string
  readonly verificationId: string
  readonly status: 'waiting' | 'authorised'
}

/** Sessions of people who are signed in: token → their name and the phone on file. */
export type Customers = ReadonlyMap<string, { readonly name: string; readonly phone: string }>

/**
 * A payment authorised by a code that is bound to it (PSD2 RTS Art. 5): the person sees amount, currency and payee where
 * they type the code, and the code is worth nothing for any other. WhatsApp's template for codes can't show an amount,
 * so a page of ours does. Whoever changes the payment needs a new code; the old one is dead.
 */
export function createPayments(
  centang: Centang,
  customers: Customers,
  more: Routes = {},
): { readonly server: Server; readonly payments: Map<string, Payment> } {
  const payments = new Map<string, Payment>()

  const sendCode = async (id: string, customer: string, wanted: Transaction): Promise<Payment> => {
    const { phone } = customers.get(customer) as { phone: string }
    const transaction = { amount: wanted.amount, currency: wanted.currency, payee: wanted.payee }
    const { id: verificationId } = await centang.start({ to: phone, purpose: `pay_${id}`, locale: 'id', transaction })
    const payment: Payment = { id, customer, ...transaction, verificationId, status: 'waiting' }
    payments.set(id, payment)
    return payment
  }
  const ownPayment = (id: string, token: string): Payment | undefined => {
    const payment = payments.get(id)
    return payment?.customer === token ? payment : undefined
  }

  const server = serveJson({
    ...more,
    'POST /payments': async (asked) => {
      if (!customers.has(asked.token)) return answer(401, { error: 'sign_in' })
      const wanted = {
        amount: textOf(asked, 'amount'),
        currency: textOf(asked, 'currency'),
        payee: textOf(asked, 'payee'),
      }
      const payment = await sendCode(randomUUID().replaceAll('-', ''), asked.token, wanted)
      const headers = { location: `/payments/${payment.id}/confirm` }
      return { status: asked.isForm ? 303 : 201, body: viewOf(payment), headers }
    },

    'PATCH /payments/:id': async (asked) => {
      const payment = ownPayment(asked.id, asked.token)
      if (!payment) return answer(404, { error: 'not_found' })
      if (payment.status !== 'waiting') return answer(409, { error: 'already_authorised' })
      const wanted = {
        amount: textOf(asked, 'amount') || payment.amount,
        currency: textOf(asked, 'currency') || payment.currency,
        payee: textOf(asked, 'payee') || payment.payee,
      }
      return answer(200, viewOf(await sendCode(payment.id, asked.token, wanted)))
    },

    'GET /payments/:id/confirm': ({ id, token }) => {
      const payment = ownPayment(id, token)
      return payment ? answer(200, confirmationPage(payment)) : answer(404, { error: 'not_found' })
    },

    // The request names no amount: what is authorised is the payment that we keep.
    'POST /payments/:id/authorise': async (asked) => {
      const payment = ownPayment(asked.id, asked.token)
      if (!payment) return answer(404, { error: 'not_found' })
      const { amount, currency, payee, verificationId } = payment
      const { valid, checks_remaining } = await centang.check(verificationId, textOf(asked, 'code'), {
        amount,
        currency,
        payee,
      })
      if (!valid) return answer(422, { error: 'wrong_code', checks_remaining })
      const authorised: Payment = { ...payment, status: 'authorised' }
      payments.set(payment.id, authorised)
      return answer(200, viewOf(authorised))
    },
  })
  return { server, payments }
}

const viewOf = ({ id, amount, currency, payee, status }: Payment) => ({ id, amount, currency, payee, status })

if (import.meta.main) {
  const place = await readPlace()
  const sari = 'session-of-sari'
  const customers = new Map([[sari, { name: 'Sari', phone: place.phone }]])
  // Whoever opens the checkout is Sari: signing in is not what this example is about.
  const headers = { 'set-cookie': `session=${sari}; HttpOnly; SameSite=Strict` }
  const checkout: Routes = { 'GET /': () => ({ status: 200, body: checkoutPage, headers }) }
  const rent = { amount: '1500000.00', currency: 'IDR', payee: 'Kost Melati' }
  serveByHand(createPayments(connectCentang(place), customers, checkout).server, 4002, (own) => [
    ['Pay in a browser, with the phone beside it', `${own}/\n${place.url}/simulator/phone`],
    ['Or in a terminal', keep('ID', 'id', curl(`${own}/payments`, rent, sari))],
    codeStep(place),
    ['The payment is authorised', curl(`${own}/payments/$ID/authorise`, { code: '$CODE' }, sari)],
  ])
}
