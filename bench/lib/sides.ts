import { addBusiness, type CentangServer, startCentang } from './centang-server.ts'
import { type Child, startListening } from './child.ts'
import { type BenchDatabase, runSql, startDatabase } from './database.ts'
import type { CentangTarget } from './flows.ts'
import type { LoadPlan } from './generator.ts'
import { measure, type Measurement } from './measure.ts'

/** Our side as most benchmarks need it: the real server, everything on, its provider a process that does nothing. */
export interface OurSide {
  readonly server: CentangServer
  readonly target: CentangTarget
  readonly databaseUrl: string
  /** UUID of the business, for SQL. */
  readonly businessId: string
  measure(plan: Omit<LoadPlan, 'target'>): Promise<Measurement>
}

/** The machinery that every side shares; `stop` ends all of it, in the order of who needs whom. */
export class Ground {
  readonly database: BenchDatabase
  readonly gateway: Child & { readonly port: number }
  readonly #servers: CentangServer[] = []

  private constructor(database: BenchDatabase, gateway: Child & { readonly port: number }) {
    this.database = database
    this.gateway = gateway
  }

  static async open(settings: Readonly<Record<string, string>> = {}): Promise<Ground> {
    const database = await startDatabase(settings)
    return new Ground(database, await startListening('peers/null-gateway.ts'))
  }

  async addOurs(databaseName: string, environment: Readonly<Record<string, string>> = {}): Promise<OurSide> {
    const { database, gateway } = this
    const databaseUrl = await database.create(databaseName)
    const server = await startCentang({ databaseUrl, providerPort: gateway.port, environment })
    this.#servers.push(server)
    const { apiKey, businessId } = await addBusiness(server, gateway.port)
    await analyze(databaseUrl)
    const target: CentangTarget = { kind: 'centang', port: server.port, apiKey, masterKey: server.masterKey }
    const watched = { server: server.pid, database: database.pid, gateway }
    return { server, target, databaseUrl, businessId, measure: (plan) => measure({ ...plan, target }, watched) }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()))
    await this.gateway.stop()
    await this.database.stop()
  }
}

/** What autovacuum does within a minute, done now: a server that runs has statistics. */
export const analyze = (databaseUrl: string): Promise<object[]> => runSql(databaseUrl, 'analyze')
