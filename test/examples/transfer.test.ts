import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { checkedBytes } from '#verification/core/code.ts'
import { transactionText } from '#verification/core/transaction.ts'
import { Keyring } from '#platform/keys/keyring.ts'
import { createBank, isAuthorised, type Transfer } from '../../examples/transfer/server.ts'
import { codeOn, freshNumber } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { seed } from '../kit/exploration.ts'

describe(`the example of a transfer (seed ${seed})`, () => {
  let centang: SharedServer
  let bank: Server
  let url: string
  const paid: Transfer[] = []
  before(async () => {
    centang = await sharedServer()
    bank = createBank({
      centangUrl: centang.url,
      apiKey: centang.key,
      ownUrl: () => url,
      pay: (transfer) => paid.push(transfer),
    })
    bank.listen(0, '127.0.0.1')
    await once(bank, 'listening')
    url = `http://127.0.0.1:${(bank.address() as AddressInfo).port}`
  })
  after(async () => {
    bank.close()
    await centang.stop()
  })

  const send = async (method: string, path: string, body: object) => {
    const answer = await fetch(`${url}/transfers${path}`, { method, body: JSON.stringify(body) })
    return { status: answer.status, body: (await answer.json()) as { id: string; confirm_url: string } }
  }
  /** Types the code into the page; the address that the page leads back to, if it does. */
  const type = async (page: string, code: string) =>
    (await fetch(page, { method: 'POST', body: new URLSearchParams({ code }), redirect: 'manual' })).headers.get(
      'location',
    )
  const begin = async () => {
    const owner = freshNumber()
    const { body } = await send('POST', '', { owner, amount: '120.00', currency: 'EUR', payee: 'Café Sol' })
    return { owner, ...body, code: await codeOn(centang, owner) }
  }

  it('is shown, authorised and carried out once', async () => {
    const { owner, id, confirm_url: page, code } = await begin()
    const html = await (await fetch(page)).text()
    assert.match(html, /120\.00<\/bdi> to <bdi>Café Sol/)
    const back = (await type(page, code)) as string
    assert.equal((await fetch(back)).status, 200)
    assert.equal((await fetch(back)).status, 403, 'a second time pays nothing')
    assert.deepEqual(paid.at(-1), { id, owner, amount: '120.00', currency: 'EUR', payee: 'Café Sol' })
  })

  it('loses its code when it is changed', async () => {
    const { owner, id, confirm_url: page, code } = await begin()
    const before = paid.length
    const changed = await send('PATCH', `/${id}`, { amount: '9120.00' })
    assert.equal(await type(page, code), null, 'the page of the first amount leads nowhere')
    const next = await codeOn(centang, owner, 2)
    assert.notEqual(next, code)
    assert.equal((await fetch((await type(changed.body.confirm_url, next)) as string)).status, 200)
    assert.deepEqual(
      paid.slice(before).map(({ amount }) => amount),
      ['9120.00'],
    )
  })

  it('is not authorised by the result of another one, nor by one that was made up', async () => {
    const [one, other] = [await begin(), await begin()]
    const before = paid.length
    const back = (await type(one.confirm_url, one.code)) as string
    assert.equal((await fetch(back.replace(one.id, other.id))).status, 403)
    const result = new URL(back).searchParams.get('centang_result') as string
    const [head, , signature] = result.split('.')
    const claims = JSON.parse(Buffer.from(result.split('.')[1] as string, 'base64url').toString()) as object
    const forged = Buffer.from(JSON.stringify({ ...claims, transaction: { amount: '1', currency: 'EUR', payee: 'x' } }))
    for (const made of [
      '',
      'x',
      'a.b.c',
      `${head}.${forged.toString('base64url')}.${signature}`,
      `${head}..${signature}`,
    ]) {
      assert.equal((await fetch(`${url}/transfers/${one.id}/confirmed?centang_result=${made}`)).status, 403)
    }
    assert.equal(paid.length, before)
    assert.equal((await fetch(back)).status, 200)
  })

  const transaction = fc.record({
    amount: fc.integer({ min: 1, max: 10_000_000 }).map((cents) => (cents / 100).toFixed(2)),
    currency: fc.constantFrom('EUR', 'IDR', 'BRL', 'MXN', 'INR'),
    payee: fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
  })
  /** Another one: a field of another transaction in place of its own, or one character more, less or moved. */
  const mutated = fc
    .tuple(transaction, transaction, fc.constantFrom('amount', 'currency', 'payee'), fc.nat(6))
    .map(([given, other, field, kind]) => {
      const text = given[field]
      const changes = [
        other[field],
        `${text} `,
        text.slice(1),
        `0${text}`,
        text.replace('.', ''),
        text.toLowerCase(),
        `${text}0`,
      ]
      return [given, { ...given, [field]: changes[kind] as string }] as const
    })
    .filter(([given, made]) => JSON.stringify(given) !== JSON.stringify(made))

  it('10,000 of 10,000 changed amounts, currencies and payees are refused, by the code and by the result', () => {
    const keys = new Keyring(new Map([[1, randomBytes(32)]]))
    const id = '0190a000-0000-7000-8000-000000000001'
    let refused = 0
    fc.assert(
      fc.property(mutated, ([given, made]) => {
        const mac = (bound: typeof given) =>
          Buffer.from(keys.checkMac(1, checkedBytes(id, transactionText(bound), '123456')))
        assert.ok(mac(given).equals(mac({ ...given })))
        assert.ok(!mac(given).equals(mac(made)))
        const signed = { iss: '', sub: '+1', exp: 0, status: 'approved', verification_id: 'v', nonce: 'n' }
        const pending = { transfer: { id: 'x', owner: '+1', ...given }, verificationId: 'v', nonce: 'n' }
        assert.ok(isAuthorised(pending, { ...signed, transaction: given }))
        assert.ok(!isAuthorised(pending, { ...signed, transaction: made }))
        assert.ok(!isAuthorised({ ...pending, nonce: 'of another session' }, { ...signed, transaction: given }))
        refused++
      }),
      { numRuns: 10_000, seed },
    )
    assert.equal(refused, 10_000)
  })
})
