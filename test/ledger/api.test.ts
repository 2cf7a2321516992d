import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { ledgerRefusals } from '#ledger/core/refusals.ts'
import { accountIdOf, openAccount, postTransfers } from './calls.ts'
import { type Answer, bearer } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'

describe('the ledger by HTTP', () => {
  let server: SharedServer
  before(async () => {
    server = await sharedServer()
  })
  after(() => server.stop())

  const codes = ({ status, body }: Answer): unknown => [status, body.code, body.errors]

  it('opens accounts, moves money, and tells how they stand', async () => {
    const shop = await openAccount(server, { kind: 'merchant' })
    const world = await openAccount(server, { kind: 'external' })
    assert.match(shop.id, /^acc_[0-9a-f]{32}$/)
    assert.deepEqual([shop.balance_minor, shop.available_minor, shop.book, shop.closed_at], [0, 0, 'own', null])
    const made = await postTransfers(server, [move(world.id, shop.id, 1250, { metadata: { order: 'A-1' } })])
    assert.equal(made.status, 201)
    const [transfer] = made.body.data
    assert.match(transfer.id, /^trf_[0-9a-f]{32}$/)
    assert.deepEqual(
      [
        transfer.kind,
        transfer.amount_minor,
        transfer.currency,
        transfer.code,
        transfer.metadata,
        transfer.pending_status,
      ],
      ['single', 1250, 'BRL', 'sale', { order: 'A-1' }, null],
    )
    const read = await server.call('GET', `/v1/ledger/transfers/${transfer.id}`)
    assert.deepEqual(read.body, transfer)
    const stands = await server.call('GET', `/v1/ledger/accounts/${shop.id}`)
    assert.equal(stands.body.balance_minor, 1250)
  })

  it('moves money once, however often it is asked under one key', async () => {
    const [shop, world] = [await openAccount(server), await openAccount(server)]
    const key = randomUUID()
    const ask = [move(world.id, shop.id, 100)]
    const answers = await Promise.all(Array.from({ length: 20 }, () => postTransfers(server, ask, key)))
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((one, other) => one - other),
      [...Array<number>(19).fill(200), 201],
    )
    assert.equal(new Set(answers.map(({ body }) => body.data[0].id)).size, 1)
    assert.equal((await server.call('GET', `/v1/ledger/accounts/${shop.id}`)).body.balance_minor, 100)
    const other = await postTransfers(server, [move(world.id, shop.id, 101)], key)
    assert.deepEqual([other.status, other.body.code], [409, 'ledger_exists_with_different_content'])
    const none = await server.call('POST', '/v1/ledger/transfers', { transfers: ask })
    assert.deepEqual([none.status, none.body.code], [400, 'idempotency_key_missing'])
  })

  it('keeps a refusal under its key, even when there is money by then', async () => {
    const [purse, shop] = [await openAccount(server, { balance_min_minor: 0 }), await openAccount(server)]
    const key = randomUUID()
    const ask = [move(purse.id, shop.id, 10)]
    const refused = await postTransfers(server, ask, key)
    assert.deepEqual(codes(refused), [
      422,
      'ledger_exceeds_balance',
      [{ path: 'body/transfers/0', problem: ledgerRefusals.ledger_exceeds_balance.title }],
    ])
    await postTransfers(server, [move(shop.id, purse.id, 10)])
    assert.deepEqual(codes(await postTransfers(server, ask, key)), codes(refused))
    assert.equal((await postTransfers(server, ask)).status, 201)
  })

  it('makes all of a request or none, and says which was at fault', async () => {
    const [purse, shop, fees] = [
      await openAccount(server, { balance_min_minor: 0 }),
      await openAccount(server),
      await openAccount(server),
    ]
    const ask = [move(shop.id, fees.id, 5), move(purse.id, shop.id, 10), move(shop.id, fees.id, 1)]
    const key = randomUUID()
    for (let turn = 0; turn < 2; turn++) {
      const refused = await postTransfers(server, ask, key)
      assert.deepEqual(refused.body.errors, [
        { path: 'body/transfers/1', problem: ledgerRefusals.ledger_exceeds_balance.title },
      ])
    }
    assert.equal((await server.call('GET', `/v1/ledger/accounts/${fees.id}`)).body.balance_minor, 0)
    await postTransfers(server, [move(shop.id, purse.id, 10)])
    const made = await postTransfers(server, ask)
    assert.deepEqual(
      made.body.data.map((one: { chain_id: string }) => one.chain_id),
      Array(3).fill(made.body.data[0].id),
    )
  })

  it('sets a pending aside, keeps a part of it, and tells how it ended', async () => {
    const [purse, shop] = [await openAccount(server, { balance_min_minor: 0 }), await openAccount(server)]
    await postTransfers(server, [move(shop.id, purse.id, 100)])
    const [pending] = (
      await postTransfers(server, [move(purse.id, shop.id, 80, { kind: 'pending', expires_in_seconds: 3600 })])
    ).body.data
    assert.equal(pending.pending_status, 'pending')
    const held = (await server.call('GET', `/v1/ledger/accounts/${purse.id}`)).body
    assert.deepEqual([held.balance_minor, held.available_minor, held.pending_out_minor], [100, 20, 80])
    const [posted] = (await postTransfers(server, [{ kind: 'post', pending_id: pending.id, amount_minor: 30 }])).body
      .data
    assert.deepEqual([posted.amount_minor, posted.code, posted.pending_id], [30, 'sale', pending.id])
    const after_ = (await server.call('GET', `/v1/ledger/accounts/${purse.id}`)).body
    assert.deepEqual([after_.balance_minor, after_.available_minor, after_.pending_out_minor], [70, 70, 0])
    const again = await postTransfers(server, [{ kind: 'void', pending_id: pending.id }])
    assert.equal(again.body.code, 'ledger_pending_already_posted')
    assert.equal((await server.call('GET', `/v1/ledger/transfers/${pending.id}`)).body.pending_status, 'posted')
  })

  it('tells what moved in the events of the business', async () => {
    const [world, shop] = [await openAccount(server), await openAccount(server)]
    const [transfer] = (await postTransfers(server, [move(world.id, shop.id, 7)])).body.data
    const rows = await server.database.query<{ kind: string; data: unknown }>(
      'select kind, data from event where business_id = $1 and subject_id = $2',
      [server.business.rowId, uuidOf(transfer.id as string)],
    )
    const data = {
      amount_minor: 7,
      currency: 'BRL',
      code: 'sale',
      debit_account_id: world.id,
      credit_account_id: shop.id,
    }
    assert.deepEqual(rows, [{ kind: 'transfer.posted', data }])
  })

  it('lists the transfers of an account page by page, the newest first', async () => {
    const [world, shop] = [await openAccount(server), await openAccount(server)]
    for (let n = 1; n <= 5; n++)
      await postTransfers(server, [n % 2 ? move(world.id, shop.id, n) : move(shop.id, world.id, n)])
    const seen: number[] = []
    let cursor = ''
    do {
      const page = await server.call('GET', `/v1/ledger/transfers?account_id=${shop.id}&limit=2${cursor}`)
      seen.push(...page.body.data.map((one: { amount_minor: number }) => one.amount_minor))
      cursor = page.body.next_cursor && `&cursor=${page.body.next_cursor}`
    } while (cursor)
    assert.deepEqual(seen, [5, 4, 3, 2, 1])
  })

  it('closes an account in which nothing lies, for good', async () => {
    const [world, shop] = [await openAccount(server), await openAccount(server)]
    await postTransfers(server, [move(world.id, shop.id, 1)])
    assert.equal((await server.call('POST', `/v1/ledger/accounts/${shop.id}/close`)).body.code, 'account_not_empty')
    await postTransfers(server, [move(shop.id, world.id, 1)])
    const closed = await server.call('POST', `/v1/ledger/accounts/${shop.id}/close`)
    assert.equal(closed.status, 200)
    assert.notEqual(closed.body.closed_at, null)
    assert.equal((await postTransfers(server, [move(world.id, shop.id, 1)])).body.code, 'ledger_credit_account_closed')
  })

  it('says of each wrong request what is wrong with it', async () => {
    const [a, b] = [await openAccount(server), await openAccount(server)]
    const pending = { kind: 'post', pending_id: `trf_${'0'.repeat(32)}` }
    const wrong: [unknown, string, RegExp][] = [
      [{ ...move(a.id, b.id, 1), amount_minor: 0 }, 'amount_minor', /1 or more/],
      [{ ...move(a.id, b.id, 1), amount_minor: -5 }, 'amount_minor', /1 or more/],
      [{ ...move(a.id, b.id, 1), amount_minor: 1.5 }, 'amount_minor', /whole number/],
      [{ ...move(a.id, b.id, 1), amount_minor: '12.50' }, 'amount_minor', /whole number/],
      [{ ...move(a.id, b.id, 1), amount_minor: 2 ** 53 }, 'amount_minor', /9007199254740991 or less/],
      [{ ...move(a.id, b.id, 1), currency: 'brl' }, 'currency', /three capital letters/],
      [move(a.id, a.id, 1), 'credit_account_id', /another account/],
      [{ ...move(a.id, b.id, 1), code: undefined }, 'code', /missing/],
      [{ ...move(a.id, b.id, 1), expires_in_seconds: 5 }, 'expires_in_seconds', /kind pending/],
      [{ ...move(a.id, b.id, 1), effective_at: 'yesterday' }, 'effective_at', /a time like/],
      [{ ...move(a.id, b.id, 1), effective_at: '2016-12-31T23:59:60Z' }, 'effective_at', /must be a time/],
      [{ kind: 'void' }, 'pending_id', /missing/],
      [{ ...pending, currency: 'BRL' }, 'currency', /leave it out/],
      [{ ...pending, kind: 'void', amount_minor: 1 }, 'amount_minor', /sets all of it free/],
      [{ ...move(a.id, b.id, 1), pending_id: pending.pending_id }, 'pending_id', /post or a void/],
    ]
    for (const [transfer, member, problem] of wrong) {
      const { status, body } = await postTransfers(server, [transfer])
      assert.deepEqual([status, body.code], [400, 'body_invalid'], JSON.stringify(transfer))
      assert.equal(body.errors[0].path, `body/transfers/0/${member}`)
      assert.match(body.errors[0].problem, problem)
    }
    for (const [change, path] of [
      [{ currency: 'ZZZ' }, 'body/currency'],
      [{ balance_min_minor: 5, balance_max_minor: 4 }, 'body/balance_max_minor'],
      [{ balance_min_minor: 0, shard_count: 4 }, 'body/shard_count'],
      [{ balance_min_minor: 100 }, 'body/balance_min_minor'],
      [{ balance_max_minor: -1 }, 'body/balance_max_minor'],
    ] as const) {
      const { status, body } = await server.call('POST', '/v1/ledger/accounts', {
        kind: 'fees',
        currency: 'BRL',
        ...change,
      })
      assert.deepEqual([status, body.errors?.[0].path], [400, path])
    }
    const nobody = await postTransfers(server, [move('acc_nothing', b.id, 1)])
    assert.equal(nobody.body.code, 'ledger_debit_account_not_found')
    for (const digit of [0, 1]) {
      const both = await postTransfers(server, [move(`acc_${'0'.repeat(31)}${digit}`, 'junk', 1)])
      assert.equal(both.body.code, 'ledger_debit_account_not_found')
    }
  })

  it('is of one business and of one world', async () => {
    const [a, b] = [await openAccount(server), await openAccount(server)]
    const key = randomUUID()
    const [transfer] = (await postTransfers(server, [move(a.id, b.id, 5)], key)).body.data
    const stranger = await server.freshBusiness()
    for (const path of [`/accounts/${a.id}`, `/transfers/${transfer.id}`, `/transfers?account_id=${a.id}`])
      assert.equal((await server.call('GET', `/v1/ledger${path}`, undefined, bearer(stranger.key))).status, 404, path)
    assert.deepEqual((await server.call('GET', '/v1/ledger/accounts', undefined, bearer(stranger.key))).body.data, [])
    const asked = await postTransfers(server, [move(a.id, b.id, 5)], key, bearer(stranger.key))
    assert.equal(asked.body.code, 'ledger_debit_account_not_found')
    const closed = await server.call('POST', `/v1/ledger/accounts/${a.id}/close`, undefined, bearer(stranger.key))
    assert.equal(closed.status, 404)
    const pending = (await postTransfers(server, [move(a.id, b.id, 5, { kind: 'pending' })])).body.data[0]
    const ended = await postTransfers(
      server,
      [{ kind: 'void', pending_id: pending.id }],
      randomUUID(),
      bearer(stranger.key),
    )
    assert.equal(ended.body.code, 'ledger_pending_not_found')
  })

  it('shows a business its own accounts of the operator’s book, and lets it move nothing there', async () => {
    const id = randomUUID()
    const [own, operator] = [await openAccount(server), '00000000-0000-0000-0000-000000000000']
    await server.database.query(
      `insert into ledger_account (business_id, live, id, owner_business_id, kind, currency, created_at)
        values ($1, false, $2, $3, 'merchant', 'BRL', now())`,
      [operator, id, server.business.rowId],
    )
    await server.database.query(
      `insert into ledger_balance (business_id, live, account_id, shard, owner_business_id) values ($1, false, $2, 0, $3)`,
      [operator, id, server.business.rowId],
    )
    const shown = accountIdOf(id)
    assert.equal((await server.call('GET', `/v1/ledger/accounts/${shown}`)).body.book, 'operator')
    const asked = await postTransfers(server, [move(shown, own.id, 5)])
    assert.equal(asked.body.code, 'ledger_debit_account_not_found')
    assert.equal((await server.call('POST', `/v1/ledger/accounts/${shown}/close`)).status, 404)
  })
})

const uuidOf = (spelled: string): string =>
  spelled.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

const move = (debit: string, credit: string, amount: number, change: object = {}) => ({
  debit_account_id: debit,
  credit_account_id: credit,
  amount_minor: amount,
  currency: 'BRL',
  code: 'sale',
  ...change,
})
