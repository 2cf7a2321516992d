import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { runningDatabaseUrl } from '#platform/database/embedded/embedded-postgres.ts'
import { verifyLedger } from '#ledger/store/verify.ts'
import { type Answer, callsOf, eventually } from '../kit/api.ts'
import { random, seed, shareOf } from '../kit/exploration.ts'
import { killEverything } from '../kit/kill-everything.ts'
import { freePort, spawnServer, stopServer, temporaryFolder } from '../kit/processes.ts'
import { openAccount, postTransfers } from './calls.ts'

const kills = shareOf(200, 5)
const clients = 12
const key = 'ck_test_killed_while_money_moves'

/** One request under a key of its own: a sale with its fee, which is asked for until somebody has answered. */
interface Sale {
  readonly key: string
  readonly from: number
  readonly amount: number
  /** What was answered: after that nothing may ever change. */
  made?: readonly string[]
}

describe(`kill -9 of everything while money moves, ${kills} times (seed ${seed})`, () => {
  it('moves each amount once, whole, whether it was answered or not', { timeout: 900_000 }, async (t) => {
    const next = random(seed)
    const dataFolder = temporaryFolder()
    const port = await freePort()
    const environment = { CENTANG_DATA_DIR: dataFolder, CENTANG_DEMO_KEY: key, CENTANG_LOG_LEVEL: 'error' }
    let server = spawnServer(port, environment)
    const { call } = callsOf(server.url, key)
    const accounts: string[] = []
    const sales: Sale[] = []
    let isLoading = false

    const ask = ({ key: ofSale, from, amount }: Sale): Promise<Answer | undefined> => {
      const [shop, fees, purse] = [accounts[0], accounts[1], accounts[2 + from]]
      const transfers = [
        { debit_account_id: purse, credit_account_id: shop, amount_minor: amount, currency: 'BRL', code: 'sale' },
        { debit_account_id: shop, credit_account_id: fees, amount_minor: 1, currency: 'BRL', code: 'fee' },
      ]
      // Killed in the middle: nobody knows.
      return postTransfers({ call }, transfers, ofSale).catch(() => undefined)
    }
    const client = async (): Promise<void> => {
      while (isLoading) {
        const sale: Sale = { key: randomUUID(), from: Math.floor(next() * 4), amount: 2 + Math.floor(next() * 90) }
        sales.push(sale)
        const answer = await ask(sale)
        if (answer?.status === 201) sale.made = answer.body.data.map(({ id }: { id: string }) => id)
        await sleep(next() * 10)
      }
    }

    try {
      await server.ready
      for (let n = 0; n < 6; n++)
        accounts.push(
          (await openAccount({ call }, n === 1 ? { kind: 'fees', shard_count: 4 } : { kind: 'merchant' })).id,
        )
      for (let kill = 0; kill < kills; kill++) {
        await server.ready
        isLoading = true
        const running = Array.from({ length: clients }, client)
        const enough = sales.length + 3 * clients
        await eventually(async () => sales.length >= enough, 60_000)
        await sleep(next() * 200)
        killEverything(server, dataFolder)
        isLoading = false
        await Promise.all([...running, server.exited])
        server = spawnServer(port, environment)
      }
      await server.ready
      let repeated = 0
      for (const sale of sales) {
        const answer = await ask(sale)
        assert.ok(answer?.status === 200 || answer?.status === 201, JSON.stringify(answer?.body))
        const ids = answer.body.data.map(({ id }: { id: string }) => id)
        if (sale.made) assert.deepEqual([answer.status, ids], [200, sale.made], 'what was answered is there')
        else if (answer.status === 200) repeated++
      }
      const balances = await Promise.all(
        accounts.map(async (id) => (await call('GET', `/v1/ledger/accounts/${id}`)).body.balance_minor as number),
      )
      const paid = [0, 1, 2, 3].map((from) =>
        sales.filter((one) => one.from === from).reduce((all, { amount }) => all + amount, 0),
      )
      const sum = paid.reduce((all, one) => all + one, 0)
      assert.deepEqual(balances, [sum - sales.length, sales.length, ...paid.map((one) => -one)])
      const { fault, transfers } = await verifyLedger(runningDatabaseUrl(dataFolder) as string, () => undefined)
      assert.deepEqual([fault, transfers], [undefined, 2 * sales.length])
      const open = sales.filter(({ made }) => !made).length
      t.diagnostic(
        `${sales.length} sales, ${kills} kills, ${open} without an answer, of which ${repeated} had been made`,
      )
      assert.ok(sales.some(({ made }) => made) && open > 0, 'there was load when it was killed')
    } finally {
      await stopServer(server)
      rmSync(dataFolder, { recursive: true, force: true })
    }
  })
})
