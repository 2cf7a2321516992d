import { setTimeout as sleep } from 'node:timers/promises'
import { verifyLedger } from '#ledger/store/verify.ts'
import { functionName } from '#ledger/store/functions.ts'
import { runSql, startDatabase } from './lib/database.ts'
import {
  anyTwo,
  type LedgerRun,
  type LedgerSide,
  openLedgerSide,
  runCallers,
  seedTransfers,
  transfer,
} from './lib/ledger.ts'
import { readOptions, warnOfMemoryDisk } from './lib/options.ts'
import { findPgbench, type PgbenchResult, runPgbench } from './lib/pgbench.ts'
import { tellClaim, tellFigure } from './lib/rounds.ts'
import { median } from './lib/statistics.ts'

// Transfers of the ledger, its engine in this process: against pgbench calling the same function row by row, against the
// interactive transaction on one hot account, in sets of 500 (a thousand callers: one set is asked while the other commits), and among `--rows` old transfers against ten thousand.
// --rows 0 leaves the last one out; 10 million take about 5 GB under TMPDIR and some minutes to seed.
const options = readOptions({ callers: 64, rows: 10_000_000 })
const fewRows = 10_000
warnOfMemoryDisk()

const command = await findPgbench()
if (command === undefined) {
  process.stderr.write(
    'pgbench is not on this machine. It comes with PostgreSQL, for example: apt install postgresql-contrib\n',
  )
  process.exit(2)
}

const twoAccounts = `
\\set first random(0, 9999)
\\set second (:first + random(1, 9999)) % 10000
`
const oneHot = `
\\set first random(1, 9999)
\\set second 0
`
const accountOf = (variable: string): string => `(select id from bench_account where n = :${variable})`

/** The same statement as the engine's, a set of one. */
const callFunction = (businessId: string): string => `${twoAccounts}
select ${functionName('apply_transfers')}(now(), array['${businessId}'::uuid], array[true], array[gen_random_uuid()],
  array['single'], array[null::uuid], array[${accountOf('first')}], array[${accountOf('second')}], array[1::bigint],
  array['BRL'], array['bench'], array[null::uuid], array['\\x00'::bytea], array[null::timestamptz], array[now()], array[null::jsonb],
  array[false]);
`

/** As an application does it that has no function: look, lock, write, one statement after another. */
const interactive = (businessId: string): string => {
  const lock = (name: string, variable: string): string => `
select turn as ${name}_turn, credits_posted - debits_posted as ${name}_balance from ledger_balance
  where business_id = '${businessId}' and live and account_id = ${accountOf(variable)} and shard = 0 for update \\gset`
  const add = (column: string, variable: string): string => `
update ledger_balance set ${column} = ${column} + 1, turn = turn + 1
  where business_id = '${businessId}' and live and account_id = ${accountOf(variable)} and shard = 0;`
  return `${oneHot}
begin;${lock('credit', 'second')}${lock('debit', 'first')}${add('credits_posted', 'second')}${add('debits_posted', 'first')}
insert into ledger_transfer (business_id, live, id, kind, debit_account_id, credit_account_id, amount, currency, code, fingerprint,
    effective_at, created_at, debit_shard, debit_turn, debit_balance, credit_shard, credit_turn, credit_balance)
  values ('${businessId}', true, gen_random_uuid(), 'single', ${accountOf('first')}, ${accountOf('second')}, 1, 'BRL', 'bench',
    '\\x00', now(), now(), 0, :debit_turn + 1, :debit_balance - 1, 0, :credit_turn + 1, :credit_balance + 1);
commit;
`
}

const database = await startDatabase({ max_wal_size: '8GB' })
const open = async (name: string): Promise<LedgerSide> => openLedgerSide(await database.create(name))
const sides: LedgerSide[] = []

/** For pgbench, which can't hold ten thousand ids: by their numbers. */
async function numberAccounts({ databaseUrl, accounts }: LedgerSide): Promise<void> {
  await runSql(databaseUrl, 'create table bench_account (n integer primary key, id uuid not null)')
  await runSql(
    databaseUrl,
    'insert into bench_account select n - 1, id from unnest($1::uuid[]) with ordinality as a (id, n)',
    [accounts],
  )
  await runSql(databaseUrl, 'grant select on bench_account to centang_engine; analyze bench_account')
}

const print = (name: string, perSecond: number, us: string, foreignShare: number): void => {
  process.stdout.write(
    `${name.padEnd(34)} ${perSecond.toFixed(0).padStart(8)} transfers/s  ${us}  foreign ${(foreignShare * 100).toFixed(0)}%\n`,
  )
}

async function callers(
  name: string,
  side: LedgerSide,
  count: number,
  pick: () => readonly [string, string],
): Promise<LedgerRun> {
  await database.settle()
  await sleep(300)
  const next = () => transfer(...pick())
  const one = await runCallers(side, database.pid, { callers: count, seconds: options.seconds, next })
  print(
    name,
    one.perSecond,
    `db ${one.databaseUs.toFixed(0)} µs, engine ${one.processUs.toFixed(0)} µs`,
    one.foreignShare,
  )
  return one
}

async function pgbench(name: string, side: LedgerSide, script: string, clients: number): Promise<PgbenchResult> {
  await database.settle()
  await sleep(300)
  const seconds = Math.ceil(options.seconds)
  const given = { command: command as string, databaseUrl: side.databaseUrl, databasePid: database.pid, variables: {} }
  const one = await runPgbench({ ...given, script, clients, seconds })
  print(
    `${name}, ${clients} clients`,
    one.transactionsPerSecond,
    `db ${one.databaseUs.toFixed(0)} µs`,
    one.foreignShare,
  )
  return one
}

async function bestOf(name: string, side: LedgerSide, script: string): Promise<number> {
  const found: { clients: number; perSecond: number }[] = []
  for (const clients of [4, 8, 32]) {
    const { transactionsPerSecond: perSecond } = await pgbench(name, side, script, clients)
    found.push({ clients, perSecond })
  }
  return (found.toSorted((one, other) => other.perSecond - one.perSecond)[0] as { clients: number }).clients
}

try {
  const ours = await open('ledger_ours')
  const theirs = await open('ledger_theirs')
  sides.push(ours, theirs)
  await numberAccounts(theirs)
  const byFunction = callFunction(theirs.book.businessId)
  const byHand = interactive(theirs.book.businessId)
  const functionClients = await bestOf('the function by pgbench', theirs, byFunction)
  const handClients = await bestOf('interactive, hot, by pgbench', theirs, byHand)
  process.stdout.write('\n')
  const hot = ours.accounts[0] as string
  const toHot = (): readonly [string, string] => {
    const [one, other] = anyTwo(ours)
    return [one === hot ? other : one, hot]
  }
  const ratios = { single: [] as number[], hot: [] as number[], sets: [] as number[] }
  for (let round = 0; round <= options.rounds; round++) {
    const bare = await pgbench('the function by pgbench', theirs, byFunction, functionClients)
    const any = await callers(`${options.callers} callers, any accounts`, ours, options.callers, () => anyTwo(ours))
    const interactively = await pgbench('interactive, hot, by pgbench', theirs, byHand, handClients)
    const oneHotAccount = await callers(`${options.callers} callers, one hot account`, ours, options.callers, toHot)
    const sets = await callers('1,000 callers, in sets of 500', ours, 1000, () => anyTwo(ours))
    if (round === 0) continue
    ratios.single.push(any.perSecond / bare.transactionsPerSecond)
    ratios.hot.push(oneHotAccount.perSecond / interactively.transactionsPerSecond)
    ratios.sets.push(sets.perSecond / bare.transactionsPerSecond)
  }
  tellClaim('transfers/s between any accounts ÷ pgbench calling the function row by row', median(ratios.single), '×', {
    atLeast: 0.8,
  })
  tellClaim('transfers/s to one hot account ÷ the interactive transaction', median(ratios.hot), '×', { atLeast: 3 })
  tellClaim('transfers/s in sets of 500 ÷ pgbench calling the function row by row', median(ratios.sets), '×', {
    atLeast: 5,
  })

  if (options.rows > 0) {
    const few = await open('ledger_few')
    const many = await open('ledger_many')
    sides.push(few, many)
    await seedTransfers(few, fewRows)
    await seedTransfers(many, options.rows)
    const costs: number[] = []
    for (let round = 0; round <= options.rounds; round++) {
      const among = (side: LedgerSide, rows: number): Promise<LedgerRun> =>
        callers(`among ${rows}`, side, options.callers, () => anyTwo(side))
      const [one, other] = [await among(few, fewRows), await among(many, options.rows)]
      const cost = ({ databaseUs, processUs }: LedgerRun): number => databaseUs + processUs
      if (round > 0) costs.push(cost(other) / cost(one))
    }
    tellClaim(`CPU of a transfer among ${options.rows} ÷ among ${fewRows}`, median(costs), '×', { atMost: 1.3 })
    const from = performance.now()
    const { fault, transfers } = await verifyLedger(many.databaseUrl, () => undefined)
    if (fault) throw new Error(`${fault.what} ${fault.key}: ${fault.problem}`)
    tellFigure(`seconds to count ${transfers} transfers again`, (performance.now() - from) / 1000, ' s')
  }
} finally {
  await Promise.all(sides.map(({ engine }) => engine.stop()))
  await database.stop()
}
