import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { runningDatabaseUrl } from '#platform/database/embedded/embedded-postgres.ts'
import { runSimulator } from '#simulator/testing.ts'
import { eventually } from '../kit/api.ts'
import { freePort, spawnServer, stopServer, temporaryFolder } from '../kit/processes.ts'
import { random, seed, shareOf } from '../kit/exploration.ts'
import { killEverything } from '../kit/kill-everything.ts'

const kills = shareOf(25, 4)
const clients = 12
/** Acknowledged before each kill, at the least. */
const startsPerKill = 12
const key = 'ck_test_killed_all_the_time'

/** What the server has acknowledged; none of it may ever be gone. */
interface Acknowledged {
  readonly to: string
  wrongChecks: number
  isApproved: boolean
}

async function query<Row extends pg.QueryResultRow>(dataFolder: string, text: string): Promise<Row[]> {
  const connectionString = runningDatabaseUrl(dataFolder)
  assert.ok(connectionString, 'the database runs')
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

/** Every pending verification has had its fallback, and nothing waits to be sent. */
async function isQuiet(dataFolder: string): Promise<boolean> {
  const [found] = await query<{ busy: number }>(
    dataFolder,
    `select (select count(*) from verification v where v.status = 'pending' and not exists (
        select from delivery d where d.code_id = v.id and d.channel = 'sms'))
      + (select count(*) from delivery where status = 'queued') as busy`,
  )
  return Number(found?.busy) === 0
}

/** By verification. Callers are shown `sending` as `queued`; whether something was ever claimed, only the row tells. */
async function readSmsStatus(dataFolder: string): Promise<Map<string, string>> {
  const rows = await query<{ id: string; status: string }>(
    dataFolder,
    `select replace(code_id::text, '-', '') as id, status from delivery where channel = 'sms'`,
  )
  return new Map(rows.map(({ id, status }) => [id, status]))
}

describe(`kill -9 of everything in the middle of load, ${kills} times (seed ${seed})`, () => {
  it('loses nothing that was acknowledged, and pending fallbacks fire once', { timeout: 400_000 }, async (t) => {
    assert.equal(process.platform, 'linux', 'processes are found by /proc')
    const next = random(seed)
    const world = await runSimulator({ limits: { pair: false, perSecond: 1e9 } })
    const dataFolder = temporaryFolder()
    const port = await freePort()
    const environment = {
      CENTANG_DATA_DIR: dataFolder,
      CENTANG_DEMO_KEY: key,
      CENTANG_SIMULATOR_URL: world.url,
      CENTANG_PUBLIC_URL: `http://127.0.0.1:${port}`,
      CENTANG_LOG_LEVEL: 'error',
      // Hundreds of neighbours that nobody checks are just what it refuses.
      CENTANG_GUARD: 'off',
    }
    const acknowledged = new Map<string, Acknowledged>()
    let numbers = 0
    let isLoading = false
    let server = spawnServer(port, environment)
    const call = async (
      method: string,
      path: string,
      body?: object,
    ): Promise<{ status: number; body: any } | undefined> => {
      try {
        const answer = await fetch(`${server.url}/v1/${path}`, {
          method,
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          ...(body && { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(10_000),
        })
        return { status: answer.status, body: await answer.json() }
      } catch {
        // Killed in the middle: nothing was acknowledged.
        return undefined
      }
    }

    /** Starts, and then checks wrong or right, or leaves it to the fallback. WhatsApp never arrives for these numbers. */
    const client = async (): Promise<void> => {
      while (isLoading) {
        const to = `+62812${String(1000 + numbers++)}0014`
        const started = await call('POST', 'verifications', {
          to,
          code: '482019',
          workflow: [
            { channel: 'whatsapp', wait_seconds: 2 },
            { channel: 'sms', wait_seconds: 60 },
          ],
          expires_in_seconds: 600,
        })
        if (started?.status !== 201) {
          await sleep(5)
          continue
        }
        const record: Acknowledged = { to, wrongChecks: 0, isApproved: false }
        acknowledged.set(started.body.id, record)
        const turn = next()
        if (turn < 0.4) {
          const wrong = await call('POST', `verifications/${started.body.id}/check`, { code: '000000' })
          if (wrong?.status === 200) record.wrongChecks++
        } else if (turn < 0.7) {
          const right = await call('POST', `verifications/${started.body.id}/check`, { code: '482019' })
          if (right?.body.valid) record.isApproved = true
        }
        await sleep(next() * 20)
      }
    }

    try {
      for (let kill = 0; kill < kills; kill++) {
        await server.ready
        isLoading = true
        const running = Array.from({ length: clients }, client)
        // As soon as there was load on a slow machine too; when exactly is chance.
        const enough = acknowledged.size + startsPerKill
        await eventually(async () => acknowledged.size >= enough, 60_000)
        await sleep(next() * 500)
        killEverything(server, dataFolder)
        isLoading = false
        await Promise.all([...running, server.exited])
        server = spawnServer(port, environment)
      }
      await server.ready
      // The last fallbacks are due two seconds after the last start; one that a killed server had claimed, when its
      // lease of five seconds is over.
      await eventually(() => isQuiet(dataFolder), 20_000)
      const lost: string[] = []
      // Before the messages are counted: what is being sent in between has a row that says so.
      const smsStatus = await readSmsStatus(dataFolder)
      const smsOf = Map.groupBy(
        world.simulator.world.outbound.filter(({ channel }) => channel === 'sms'),
        ({ to }) => `+${to}`,
      )
      const sendsOfDelivery = Map.groupBy(world.simulator.world.outbound, ({ reference }) => reference)
      for (const [id, { to, wrongChecks, isApproved }] of acknowledged) {
        const found = await call('GET', `verifications/${id}`)
        if (found?.status !== 200) lost.push(`${id} is gone`)
        const verification = found?.body
        if (isApproved && verification.status !== 'approved')
          lost.push(`${id} was approved and is ${verification.status}`)
        if (verification.status === 'pending' && verification.checks_remaining > 5 - wrongChecks)
          lost.push(`${id} got checks back`)
        const bySms = verification.deliveries.filter(({ channel }: { channel: string }) => channel === 'sms')
        if (verification.status === 'pending' && bySms.length !== 1) lost.push(`${id} has ${bySms.length} fallbacks`)
        const sends = smsOf.get(to)?.length ?? 0
        // One that was on its way when everything died may or may not have left; it is never sent again. One that is
        // still queued was never claimed, and by now it must have been: callers see both as queued, the row tells.
        const mayBeLost = ['unknown', 'sending'].includes(
          smsStatus.get(id.replace('ver_', '').replaceAll('-', '')) ?? '',
        )
        if (verification.status === 'pending' && sends === 0 && !mayBeLost)
          lost.push(`${id} was never sent by SMS: ${JSON.stringify(verification.deliveries)}`)
      }
      assert.deepEqual(lost, [])
      assert.deepEqual(
        [...sendsOfDelivery.values()].filter((sends) => sends.length > 1),
        [],
        'no delivery was sent twice',
      )
      const fallbacks = [...smsOf.values()].length
      t.diagnostic(`${acknowledged.size} acknowledged starts, ${fallbacks} fallbacks, ${kills} kills`)
      assert.ok(acknowledged.size > kills * 10 && fallbacks > kills, 'there was load')
    } finally {
      await stopServer(server)
      await world.stop()
      rmSync(dataFolder, { recursive: true, force: true })
    }
  })
})
