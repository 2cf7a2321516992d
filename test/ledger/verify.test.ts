import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { Book } from '#ledger/core/book.ts'
import type { Fault } from '#ledger/core/recount.ts'
import type { LedgerEngine } from '#ledger/store/engine.ts'
import { verifyLedger } from '#ledger/store/verify.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { applyOne, engineOf, freshBook, move, openAll, start } from './books.ts'

/** Whoever may log in as the owner of the tables, and has taken the lock off them. */
describe('counting the books again', () => {
  let database: TestDatabase
  let engine: LedgerEngine
  let book: Book
  let accounts: string[]
  let transfers: string[]
  before(async () => {
    database = await freshDatabase()
    engine = engineOf(database)
    book = freshBook()
    accounts = await openAll(engine, book, [{ balanceMin: 0n }, {}, { shardCount: 4 }])
    const [purse, shop, fees] = accounts as [string, string, string]
    const asks = [
      move(shop, purse, 500n),
      move(purse, shop, 120n),
      move(shop, fees, 7n),
      move(purse, shop, 100n, { kind: 'pending' }),
      move(purse, fees, 50n, { kind: 'pending', expiresInSeconds: 1 }),
      move(purse, shop, 3n),
    ]
    const held = asks[3]?.id as string
    const all = [...asks, { id: randomUUID(), kind: 'post' as const, pendingId: held, amount: 60n }]
    for (const ask of all) assert.equal(await applyOne(engine, book, ask), 'ok')
    assert.equal(await applyOne(engine, book, move(purse, shop, 900n)), 'exceeds_balance')
    await engine.expire(new Date(start.getTime() + 1000))
    transfers = all.map(({ id }) => id)
  })
  after(async () => {
    await engine.stop()
    await database.drop()
  })

  const key = (id: string | undefined): string => `${book.businessId} live ${id}`
  const verify = () => verifyLedger(database.url, () => undefined)

  it('finds them sound', async () => {
    assert.deepEqual(await verify(), { books: 1, accounts: 3, transfers: 8 })
  })

  /** Changes a table behind everybody's back, looks, and puts it back. */
  async function tampered(table: string, change: string): Promise<Fault> {
    await database.query(`alter table ${table} disable trigger user`)
    await database.query(`create table taken as select * from ${table}`)
    try {
      await database.query(change)
      const { fault } = await verify()
      assert.ok(fault, change)
      return fault
    } finally {
      await database.query(`delete from ${table}`)
      await database.query(`insert into ${table} overriding system value select * from taken`)
      await database.query('drop table taken')
      await database.query(`alter table ${table} enable trigger user`)
    }
  }

  it('names the first row that is wrong, whatever was changed', async () => {
    const of = (n: number): string => `id = '${transfers[n]}'`
    const [purse, shop] = accounts
    const cases: [string, string, string, string | undefined, RegExp][] = [
      ['ledger_transfer', of(1), 'amount = 121', transfers[1], /left 380, and the transfers up to it make 379/],
      ['ledger_transfer', of(1), 'debit_balance = debit_balance - 1', transfers[1], /left 379/],
      ['ledger_transfer', of(2), 'credit_turn = 9', transfers[2], /the account's 9/],
      ['ledger_transfer', of(5), 'amount = 400, debit_balance = -20', transfers[5], /below its limit of 0|left/],
      ['ledger_transfer', of(2), "currency = 'MXN'", transfers[2], /it is in MXN/],
      ['ledger_transfer', of(2), `debit_account_id = '${randomUUID()}'`, transfers[2], /there is no account/],
      [
        'ledger_transfer',
        of(1),
        `credit_account_id = debit_account_id, debit_account_id = credit_account_id`,
        transfers[1],
        /says/,
      ],
      [
        'ledger_transfer',
        of(6),
        `pending_id = '${transfers[4]}'`,
        transfers[6],
        /was of other accounts|ends a pending transfer/,
      ],
      ['ledger_transfer', of(3), 'amount = 59', transfers[6], /ends a pending transfer of 59 with 60/],
      ['ledger_pending', `transfer_id = '${transfers[3]}'`, "status = 'voided'", transfers[6], /which says voided/],
      [
        'ledger_pending',
        `transfer_id = '${transfers[4]}'`,
        "status = 'pending', ended_by = null",
        undefined,
        /which says pending by nothing/,
      ],
      [
        'ledger_balance',
        `account_id = '${shop}'`,
        'debits_posted = debits_posted - 1',
        shop,
        /row 0 says debitsPosted/,
      ],
      ['ledger_balance', `account_id = '${purse}'`, 'turn = turn + 1', purse, /row 0 says turn/],
    ]
    for (const [table, where, set, id, problem] of cases) {
      const fault = await tampered(table, `update ${table} set ${set} where ${where}`)
      if (id !== undefined) assert.equal(fault.key, key(id), set)
      assert.match(fault.problem, problem, set)
    }
    assert.equal((await verify()).fault, undefined)
  })

  it('misses no transfer that was taken out, and no balance', async () => {
    await tampered('ledger_transfer', `delete from ledger_transfer where id = '${transfers[2]}'`)
    await tampered('ledger_balance', `delete from ledger_balance where account_id = '${accounts[1]}'`)
    await tampered('ledger_account', `delete from ledger_account where id = '${accounts[1]}'`)
    assert.equal((await verify()).fault, undefined)
  })

  it('is of what nobody can change: not the engine, not the owner', async () => {
    for (const text of [
      'update ledger_transfer set amount = 1',
      'delete from ledger_transfer',
      'truncate ledger_transfer',
      'delete from ledger_refusal',
    ])
      await assert.rejects(database.query(text), /is only ever added to|permission denied/, text)
  })
})
