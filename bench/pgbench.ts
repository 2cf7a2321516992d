import { setTimeout as sleep } from 'node:timers/promises'
import { functionName } from '#verification/store/functions.ts'
import { readOptions, warnOfMemoryDisk } from './lib/options.ts'
import { closedPlan } from './lib/plans.ts'
import { findPgbench, type PgbenchResult, runPgbench } from './lib/pgbench.ts'
import { takeNumbers, tellClaim } from './lib/rounds.ts'
import { Ground } from './lib/sides.ts'
import { median } from './lib/statistics.ts'

// Our server's flows, HTTP and provider calls included, against pgbench running the same three statements one row at a
// time: start, record, check, each committed on its own. pgbench may choose its best number of clients.
const options = readOptions({ connections: 64, lag: 4, clients: 0, seconds: 10 })
warnOfMemoryDisk()

const command = await findPgbench()
if (command === undefined) {
  process.stderr.write(
    'pgbench is not on this machine. It comes with PostgreSQL, for example: apt install postgresql-contrib\n',
  )
  process.exit(2)
}

const policy = {
  codeLength: 6,
  expiresInSeconds: 300,
  checkCountMax: 5,
  sendCountMax: 5,
  resendWaitsSeconds: [30, 60, 120, 180],
}
const zeros = '00000000-0000-0000-0000-000000000000'

/**
 * The same parameters as the server's, as arrays of one. Ids rise with time as the server's UUIDv7 do: 64 bits that
 * rise, then 64 random ones; the delivery has the same with the halves' variables changed.
 */
const flow = (businessId: string): string => `
\\set i :i + 1
\\set hi :base + :i * 64 + :client_id
\\set lo random(1, 9223372036854775807)
\\set lo2 random(1, 9223372036854775807)
select verification_id,
  (lpad(to_hex(:hi::bigint), 16, '0') || lpad(to_hex(:lo2::bigint), 16, '0'))::uuid as delivery_id
from ${functionName('start_verifications')}(
  now(), array[0], array['${businessId}'::uuid], array['${zeros}'::uuid], array[true],
  array[(lpad(to_hex(:hi::bigint), 16, '0') || lpad(to_hex(:lo::bigint), 16, '0'))::uuid],
  array[null::uuid], array['+' || :hi], array['+' || :hi], array['verification'],
  array['en'], array[1], array[6], array['\\x000102030405060708090a0b0c0d0e0f'::bytea], array[null::bytea], array[''],
  array[false], array[false], array[null::jsonb], array[now() + interval '5 minutes'], array[5], array[5], array['${JSON.stringify(policy)}'::jsonb],
  array['[{"channel":"sms","waitSeconds":60,"senderId":"${zeros}"}]'::jsonb], array[now() + interval '1 minute'],
  array[null::jsonb], array[(lpad(to_hex(:hi::bigint), 16, '0') || lpad(to_hex(:lo2::bigint), 16, '0'))::uuid], array['sms'],
  array['${zeros}'::uuid], array[null::text], array[null::bytea], array[true]) \\gset
select * from ${functionName('record_sends')}(
  now(), array[0], array['${businessId}'::uuid], array[:delivery_id::uuid], array['sent'], array['m' || :hi],
  array[null::text], array[null::text], array[null::text], array[null::timestamptz]);
select * from ${functionName('check_codes')}(
  now(), array[0], array['${businessId}'::uuid], array[true], array[:verification_id::uuid], array[null::text],
  array[null::bytea], array[0], array[1], array['\\x000102030405060708090a0b0c0d0e0f'::bytea]);
`

const ground = await Ground.open()
const print = (name: string, perSecond: number, us: string, foreignShare: number): void => {
  process.stdout.write(
    `${name.padEnd(24)} ${perSecond.toFixed(0).padStart(8)} flows/s  ${us}  foreign ${(foreignShare * 100).toFixed(0)}%\n`,
  )
}

try {
  const ours = await ground.addOurs('centang')
  const alone = await ground.addOurs('centang_pgbench')
  await alone.server.stop()
  let base = Date.now() * 1000
  const pgbench = async (clients: number): Promise<PgbenchResult> => {
    await ground.database.settle()
    await sleep(300)
    base += 1e9
    const result = await runPgbench({
      command,
      databaseUrl: alone.databaseUrl,
      databasePid: ground.database.pid,
      script: flow(alone.businessId),
      clients,
      seconds: Math.ceil(options.seconds),
      variables: {
        i: 0,
        base,
      },
    })
    print(
      `pgbench, ${clients} clients`,
      result.transactionsPerSecond,
      `db ${result.databaseUs.toFixed(0)} µs`,
      result.foreignShare,
    )
    return result
  }

  // A first short look at every count; then rounds with the best one.
  let best = { clients: options.clients, perSecond: 0 }
  for (const clients of options.clients === 0 ? [1, 4, 8, 16, 32] : []) {
    const { transactionsPerSecond } = await pgbench(clients)
    if (transactionsPerSecond > best.perSecond) best = { clients, perSecond: transactionsPerSecond }
  }
  process.stdout.write(`\nBest at ${best.clients} clients\n`)

  const plan = closedPlan(options, options.connections, options.lag)
  await ours.measure(plan(takeNumbers()))
  const ratios: number[] = []
  const cpuRatios: number[] = []
  for (let round = 0; round < options.rounds; round++) {
    const theirs = await pgbench(best.clients)
    await ground.database.settle()
    const own = await ours.measure(plan(takeNumbers()))
    print(
      'centang',
      own.flowsPerSecond,
      `db ${own.databaseUs.toFixed(0)} µs, server ${own.serverUs.toFixed(0)} µs`,
      own.foreignShare,
    )
    ratios.push(own.flowsPerSecond / theirs.transactionsPerSecond)
    cpuRatios.push(theirs.databaseUs / own.databaseUs)
  }
  tellClaim('database CPU a flow of pgbench ÷ ours', median(cpuRatios), '×', { atLeast: 1 })
  tellClaim('flows/s of ours ÷ pgbench at its best', median(ratios), '×', { atLeast: 1 })
} finally {
  await ground.stop()
}
