import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { Caller } from '#platform/core/caller.ts'
import { letAllLeave } from '#messaging/core/may-leave.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { letAllCheck } from '#verification/core/may-check.ts'
import { deriveCode } from '#verification/core/code.ts'
import type { Transaction } from '#verification/core/verification.ts'
import { checkCode } from '#verification/flows/check-code.ts'
import type { Outside } from '#verification/flows/outside.ts'
import { startVerification } from '#verification/flows/start-verification.ts'
import { BusinessStore } from '#access/store/businesses.ts'
import { Database } from '#platform/database/database.ts'
import { createEngine, type PostgresEngine } from '#verification/store/engine.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import { Keyring } from '#platform/keys/keyring.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { problemOfTransaction } from '#verification/core/transaction.ts'
import { seed } from '../kit/exploration.ts'
import { plainPeople } from '../verification/start-row.ts'

const cases = 10_000
const atOnce = 250

const digits = (max: number) => fc.stringMatching(new RegExp(`^[1-9][0-9]{0,${max - 1}}$`))
const written = fc.record({
  amount: fc.tuple(digits(9), fc.stringMatching(/^[0-9]{2}$/)).map(([whole, part]) => `${whole}.${part}`),
  currency: fc.constantFrom('IDR', 'BRL', 'MXN', 'INR', 'USD'),
  payee: fc.string({ minLength: 3, maxLength: 40, unit: 'grapheme' }),
})
/** What may be shown to a person. */
const transactions = written.filter((one) => problemOfTransaction(one) === undefined)

/** What somebody in between would try: more, less, another point, another currency, a payee that looks the same. */
const mutations = fc.constantFrom<((one: Transaction, n: number) => Transaction)[]>(
  (one, n) => ({ ...one, amount: replaceAt(one.amount, n, (digit) => String((Number(digit) + 1 + (n % 8)) % 10)) }),
  (one, n) => ({ ...one, amount: `${(n % 9) + 1}${one.amount}` }),
  (one) => ({ ...one, amount: `${one.amount}0` }),
  (one) => ({ ...one, amount: `0${one.amount}` }),
  (one) => ({ ...one, amount: one.amount.replace('.', '') }),
  (one) => ({ ...one, amount: one.amount.replace('.', ',') }),
  (one) => ({ ...one, currency: one.currency === 'IDR' ? 'USD' : 'IDR' }),
  (one) => ({ ...one, currency: one.currency.toLowerCase() }),
  (one) => ({ ...one, payee: `${one.payee} ` }),
  (one) => ({ ...one, payee: `${one.payee}\u200b` }),
  (one) => ({ ...one, payee: one.payee.slice(1) }),
  (one) => ({ amount: one.amount, currency: one.payee, payee: one.currency }),
)

const replaceAt = (text: string, n: number, by: (digit: string) => string): string => {
  const places = [...text.matchAll(/\d/g)].map(({ index }) => index)
  const place = places[n % places.length] as number
  return text.slice(0, place) + by(text[place] as string) + text.slice(place + 1)
}

/** The engine and the flows as the server has them, without HTTP and without sending. */
describe('a code for one amount, currency and payee', () => {
  let database: TestDatabase
  let engine: PostgresEngine
  let stores: Database
  let outside: Outside
  let caller: Caller
  before(async () => {
    database = await freshDatabase()
    const settings = { connectionString: database.url, statementTimeoutMs: 20_000, lockTimeoutMs: 10_000 }
    engine = createEngine({ ...settings, laneCount: 2, bindRequests: true, now: () => new Date() })
    stores = new Database({ ...settings, poolSize: 2 })
    const businesses = new BusinessStore(stores)
    const { id: businessId, applicationId } = await businesses.create({ name: 'Bank' }, new Date())
    const application = await businesses.findApplication(businessId, applicationId)
    caller = { businessId, applicationId, live: false, keyId: uuidv7(Date.now()) }
    const sender = { id: uuidv7(Date.now()), businessId, live: false, channel: 'sms', provider: 'sms-http' } as const
    const senders: Sender[] = [{ ...sender, purpose: 'authentication', config: {}, secrets: {} }]
    outside = {
      engine,
      keys: new Keyring(new Map([[1, randomBytes(32)]])),
      people: plainPeople,
      now: () => new Date(),
      newId: () => uuidv7(Date.now()),
      findCodeOfMessage: async () => undefined,
      hasProven: () => Promise.resolve(false),
      mayLeave: letAllLeave,
      mayCheck: letAllCheck,
      findApplication: async () => application,
      listSenders: async () => senders,
      send: async () => assert.fail('nothing is sent here'),
      perform: () => undefined,
      reserve: () => undefined,
    }
  })
  after(async () => {
    await Promise.all([engine.close(), stores.close()])
    await database.drop()
  })

  it(`is refused for ${cases.toLocaleString('en')} changed ones of as many, and right for its own every time`, async () => {
    const samples = fc.sample(fc.tuple(transactions, mutations, fc.nat(1000)), { numRuns: cases, seed })
    const outcomes = { refused: 0, right: 0 }
    for (let first = 0; first < cases; first += atOnce) {
      await Promise.all(
        samples.slice(first, first + atOnce).map(async ([transaction, mutate, n], index) => {
          const changed = mutate(transaction, n)
          assert.notDeepEqual(changed, transaction, `seed ${seed}`)
          // A recipient each: the budget for wrong codes must not be what refuses.
          const recipient = `+62812${String(1_000_000 + first + index).padStart(7, '0')}`
          const { verification } = await startVerification(outside, caller, {
            recipient,
            channel: 'sms',
            purpose: 'payment',
            transaction,
          })
          const { id } = verification
          const code = deriveCode(outside.keys.codeMac(1), id, verification.policy.codeLength)
          const other = await checkCode(outside, caller, { id, code, transaction: changed })
          if (!other.isValid && other.status === 'pending') outcomes.refused++
          // The same digits: it was the change that was refused, and nothing else.
          const own = await checkCode(outside, caller, { id, code, transaction })
          if (own.isValid) outcomes.right++
        }),
      )
    }
    assert.deepEqual(outcomes, { refused: cases, right: cases }, `seed ${seed}`)
  })

  it('is worth nothing without a transaction, and a code without one nothing with one', async () => {
    const transaction = { amount: '10.00', currency: 'IDR', payee: 'Kost Melati' }
    const start = async (recipient: string, bound: boolean) => {
      const { verification } = await startVerification(outside, caller, {
        recipient,
        channel: 'sms',
        purpose: 'payment',
        ...(bound && { transaction }),
      })
      const { id, policy } = verification
      return { id, code: deriveCode(outside.keys.codeMac(1), id, policy.codeLength) }
    }
    const bound = await start('+628119999991', true)
    assert.equal((await checkCode(outside, caller, bound)).isValid, false)
    const free = await start('+628119999992', false)
    assert.equal((await checkCode(outside, caller, { ...free, transaction })).isValid, false)
    assert.equal((await checkCode(outside, caller, free)).isValid, true)
  })
})
