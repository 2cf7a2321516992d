import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { addBusiness, type CentangServer, startCentang } from './lib/centang-server.ts'
import { startListening } from './lib/child.ts'
import { makeDataFolder, removeFolder } from './lib/database.ts'
import { phoneOf } from './lib/flows.ts'
import { runLoad } from './lib/measure.ts'
import { readOptions, warnOfMemoryDisk } from './lib/options.ts'
import { closedPlan } from './lib/plans.ts'
import { type Memory, memoryOf } from './lib/process-tree.ts'
import { tellClaim, tellFigure } from './lib/rounds.ts'
import { median } from './lib/statistics.ts'

// Memory and starting times of the server with its embedded database, each round in a fresh data folder, two ways:
// - demo: what `npm start` runs, with the simulator mounted; its first boot is what a newcomer waits for;
// - production: the simulator off, a business and its sender made by the API; loaded with flows as the others are.
// Times count from spawning the process to the answer of a start that sends. --idle: seconds of rest before memory is read.
const options = readOptions({ connections: 64, lag: 4, idle: 5, seconds: 8 })
warnOfMemoryDisk()

const provider = await startListening('peers/null-provider.ts')
// A copy of Node for the server: with the same file, its pages would be shared with the processes of the benchmark,
// and the proportional set size would come out smaller than it is on a machine where the server is alone.
const nodeFolder = makeDataFolder()
const node = join(nodeFolder, 'node')
copyFileSync(process.execPath, node)

interface Way {
  readonly name: string
  readonly environment: Readonly<Record<string, string>>
  /** Makes what a first start needs; returns the key for it. */
  prepare(server: CentangServer): Promise<string>
}

const demoKey = 'ck_test_only_for_the_benchmark'
const demo: Way = {
  name: 'demo',
  environment: {
    NODE_ENV: '',
    CENTANG_MASTER_KEY: '',
    CENTANG_OPERATOR_KEY: '',
    CENTANG_SIMULATOR: 'auto',
    CENTANG_DEMO_KEY: demoKey,
  },
  prepare: () => Promise.resolve(demoKey),
}
const production: Way = {
  name: 'production',
  environment: {},
  prepare: async (server) => (await addBusiness(server, provider.port)).apiKey,
}

interface Figures {
  readonly firstBootSeconds: number
  readonly restartSeconds: number
  readonly idle: Memory
  readonly loaded?: Memory
}

async function run(way: Way, withLoad: boolean): Promise<Figures> {
  const folder = makeDataFolder()
  const start = (masterKey?: string): Promise<CentangServer> =>
    startCentang({
      environment: { ...way.environment, CENTANG_DATA_DIR: folder },
      providerPort: provider.port,
      node,
      ...(masterKey !== undefined && { masterKey }),
    })
  let number = 0
  const answered = async (server: CentangServer, key: string, since: number): Promise<number> => {
    await server.post('/v1/verifications', key, { to: phoneOf(number++) })
    return (performance.now() - since) / 1000
  }

  let since = performance.now()
  let server = await start()
  const { masterKey } = server
  try {
    const key = await way.prepare(server)
    const firstBootSeconds = await answered(server, key, since)
    await sleep(options.idle * 1000)
    const idle = memoryOf(server.pid)
    await server.stop()

    since = performance.now()
    server = await start(masterKey)
    const restartSeconds = await answered(server, key, since)
    const loaded = withLoad ? await memoryUnderLoad(server, key) : undefined
    return { firstBootSeconds, restartSeconds, idle, ...(loaded && { loaded }) }
  } finally {
    await server.stop()
    removeFolder(folder)
  }
}

/** The most it held at any look. */
async function memoryUnderLoad({ pid, port, masterKey }: CentangServer, apiKey: string): Promise<Memory> {
  let isOver = false
  const watch = async (): Promise<Memory> => {
    let most: Memory = { pssMb: 0, rssMb: 0 }
    while (!isOver) {
      const { pssMb, rssMb } = memoryOf(pid)
      most = { pssMb: Math.max(most.pssMb, pssMb), rssMb: Math.max(most.rssMb, rssMb) }
      await sleep(250)
    }
    return most
  }
  const plan = closedPlan(options, options.connections, options.lag)(1000)
  const load = runLoad({ ...plan, target: { kind: 'centang', port, apiKey, masterKey } }).finally(() => (isOver = true))
  const [most] = await Promise.all([watch(), load])
  return most
}

const spell = ({ pssMb, rssMb }: Memory): string => `${pssMb.toFixed(0)} MB PSS (${rssMb.toFixed(0)} RSS)`

try {
  for (const way of [demo, production]) {
    process.stdout.write(`\n${way.name}\n`)
    const all: Figures[] = []
    for (let round = 1; round <= options.rounds; round++) {
      const one = await run(way, way === production)
      all.push(one)
      const loaded = one.loaded ? `, under load ${spell(one.loaded)}` : ''
      const times = `first boot ${one.firstBootSeconds.toFixed(2)} s, restart ${one.restartSeconds.toFixed(2)} s`
      process.stdout.write(`${round}  ${times}, idle ${spell(one.idle)}${loaded}\n`)
    }
    const middle = (figure: (one: Figures) => number): number => median(all.map(figure))
    const from = `to the first start answered, ${way.name}`
    tellClaim(
      `first boot ${from}`,
      middle((one) => one.firstBootSeconds),
      ' s',
      { atMost: 3 },
    )
    tellClaim(
      `restart ${from}`,
      middle((one) => one.restartSeconds),
      ' s',
      { atMost: 1 },
    )
    tellClaim(
      `PSS idle, ${way.name}`,
      middle(({ idle }) => idle.pssMb),
      ' MB',
      { atMost: 150 },
    )
    tellFigure(
      `  RSS idle, ${way.name}`,
      middle(({ idle }) => idle.rssMb),
      ' MB',
    )
    if (way !== production) continue
    const mostPss = middle(({ loaded }) => loaded?.pssMb ?? Number.NaN)
    tellClaim(`PSS under load, ${way.name}`, mostPss, ' MB', { atMost: 250 })
    tellFigure(
      `  RSS under load, ${way.name}`,
      middle(({ loaded }) => loaded?.rssMb ?? Number.NaN),
      ' MB',
    )
  }
} finally {
  await provider.stop()
  removeFolder(nodeFolder)
}
