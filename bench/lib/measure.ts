import type { ChildProcess } from 'node:child_process'
import { ask, startScript } from './child.ts'
import type { LoadMessage, LoadPlan, LoadResult } from './generator.ts'
import { cpuSecondsOf, machineCpuSeconds } from './process-tree.ts'
import type { ProviderReply } from '../peers/null-provider.ts'

/** Roots of the process trees whose CPU is counted. */
export interface Watched {
  readonly server: number
  readonly database: number
  readonly provider?: { readonly pid: number; readonly process: ChildProcess }
}

export interface Measurement {
  readonly flows: number
  readonly flowsPerSecond: number
  /** Starts and checks, each a request. */
  readonly requestsPerSecond: number
  /** CPU microseconds a flow. */
  readonly serverUs: number
  readonly databaseUs: number
  readonly generatorUs: number
  /** Cores that server and database kept busy together. */
  readonly cores: number
  /** Share of the machine that was busy with something else than this benchmark. */
  readonly foreignShare: number
  /** Messages that reached the provider per flow; below 1 deliveries fell behind and their cost is missing. */
  readonly sendsPerFlow?: number
  readonly start: LoadResult['start']
  readonly check: LoadResult['check']
}

export const cpuUs = ({ serverUs, databaseUs }: Measurement): number => serverUs + databaseUs

interface Sample {
  readonly server: number
  readonly database: number
  readonly generator: number
  readonly ours: number
  readonly machine: { busy: number; total: number }
  readonly sends: number
}

/** Runs one load. @param onEdge called when the window that is measured begins and when it ends */
export async function runLoad(
  plan: LoadPlan,
  onEdge: (generatorPid: number) => void = () => undefined,
): Promise<LoadResult> {
  const generator = startScript('lib/generator.ts')
  return new Promise<LoadResult>((resolve, reject) => {
    generator.on('message', (message: LoadMessage) => {
      if (message.kind === 'done') resolve(message.result)
      else if (message.kind === 'failed') reject(new Error(message.detail))
      else onEdge(generator.pid as number)
    })
    generator.once('exit', (code, signal) => reject(new Error(`The load generator ended with ${signal ?? code}.`)))
    generator.send(plan)
  })
}

/** Runs one load and accounts for the CPU of its window. */
export async function measure(plan: LoadPlan, { server, database, provider }: Watched): Promise<Measurement> {
  const sample = async (generatorPid: number): Promise<Sample> => {
    const machine = machineCpuSeconds()
    const cpu = {
      server: cpuSecondsOf(server),
      database: cpuSecondsOf(database),
      generator: cpuSecondsOf(generatorPid),
    }
    // Everything that a benchmark starts is its child.
    const ours = cpuSecondsOf(process.pid)
    const { count = 0 } = provider ? await ask<ProviderReply>(provider.process, {}) : {}
    return { ...cpu, ours, machine, sends: count }
  }
  const samples: Promise<Sample>[] = []
  const result = await runLoad(plan, (generatorPid) => samples.push(sample(generatorPid)))
  const [before, after] = (await Promise.all(samples)) as [Sample, Sample]
  return account(result, before, after, provider !== undefined)
}

function account(result: LoadResult, before: Sample, after: Sample, hasProvider: boolean): Measurement {
  const { flows, seconds, start, check } = result
  const total = after.machine.total - before.machine.total
  const foreign = after.machine.busy - before.machine.busy - (after.ours - before.ours)
  const perFlow = (what: 'server' | 'database' | 'generator'): number => ((after[what] - before[what]) * 1e6) / flows
  return {
    flows,
    flowsPerSecond: flows / seconds,
    requestsPerSecond: (start.count + check.count) / seconds,
    serverUs: perFlow('server'),
    databaseUs: perFlow('database'),
    generatorUs: perFlow('generator'),
    cores: (after.server + after.database - before.server - before.database) / seconds,
    foreignShare: Math.max(0, foreign / total),
    ...(hasProvider && { sendsPerFlow: (after.sends - before.sends) / flows }),
    start,
    check,
  }
}
