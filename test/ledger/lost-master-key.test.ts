import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { callsOf } from '../kit/api.ts'
import { freshDatabase } from '../kit/database.ts'
import { freePort, main, spawnServer, stopServer } from '../kit/processes.ts'
import { openAccount, postTransfers } from './calls.ts'

const spell = (version: number): string => `${version}:${randomBytes(32).toString('base64')}`

function run(words: readonly string[], environment: Record<string, string>): string {
  const ran = spawnSync(process.execPath, [main, ...words], {
    cwd: '/',
    env: { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'], ...environment },
    encoding: 'utf8',
  })
  assert.equal(ran.status, 0, ran.stderr)
  return ran.stdout
}

const move = (debit: string, credit: string) => ({
  debit_account_id: debit,
  credit_account_id: credit,
  amount_minor: 100,
  currency: 'BRL',
  code: 'payout',
})

/** "Kept as long as the transfers: for ever." */
describe('an Idempotency-Key of the ledger', () => {
  it('moves nothing a second time after a lost master key was forgotten', { timeout: 120_000 }, async () => {
    const database = await freshDatabase()
    const [lost, found] = [spell(1), spell(2)]
    const environment = (key: string) => ({
      DATABASE_URL: database.url,
      CENTANG_MASTER_KEY: key,
      CENTANG_LOG_LEVEL: 'error',
    })
    const { api_key: key } = JSON.parse(run(['businesses', 'create', 'Toko', '--json'], environment(lost)))
    const answers = []
    let accounts: string[] = []
    for (const master of [lost, found]) {
      if (master === found) run(['master-keys', 'forget', '1', '--yes'], environment(found))
      const server = spawnServer(await freePort(), environment(master))
      try {
        await server.ready
        const { call } = callsOf(server.url, key)
        if (accounts.length === 0) accounts = [(await openAccount({ call })).id, (await openAccount({ call })).id]
        answers.push(await postTransfers({ call }, [move(accounts[0] as string, accounts[1] as string)], 'payout-1'))
      } finally {
        await stopServer(server)
      }
    }
    await database.drop()
    assert.deepEqual(
      answers.map(({ status }) => status),
      [201, 200],
    )
  })
})
