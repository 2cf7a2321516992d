import { addBusiness, type BenchBusiness, type CentangServer, startCentang } from './centang-server.ts'
import { type Child, startListening } from './child.ts'
import { type BenchDatabase, startDatabase } from './database.ts'
import type { CentangTarget } from './flows.ts'
import type { LoadPlan } from './generator.ts'
import { measure, type Measurement } from './measure.ts'

/** Our side as most benchmarks need it: the real server, everything on, its provider a process that does nothing. */
export interface OurSide extends BenchBusiness {
  readonly server: CentangServer
  readonly databaseUrl: string
  /** @param change of what is asked of the server */
  measure(plan: Omit<LoadPlan, 'target'>, change?: Partial<CentangTarget>): Promise<Measurement>
}

export interface OurOptions {
  readonly environment?: Readonly<Record<string, string>>
  /** Fills the database before the load, while no server runs on it. */
  readonly seed?: (databaseUrl: string, business: BenchBusiness) => Promise<void>
}

/** The machinery that every side shares; `stop` ends all of it, in the order of who needs whom. */
export class Ground {
  readonly database: BenchDatabase
  readonly provider: Child & { readonly port: number }
  readonly #servers: CentangServer[] = []

  private constructor(database: BenchDatabase, provider: Child & { readonly port: number }) {
    this.database = database
    this.provider = provider
  }

  static async open(settings: Readonly<Record<string, string>> = {}): Promise<Ground> {
    const database = await startDatabase(settings)
    return new Ground(database, await startListening('peers/null-provider.ts'))
  }

  async addOurs(databaseName: string, { environment = {}, seed }: OurOptions = {}): Promise<OurSide> {
    const { database, provider } = this
    const databaseUrl = await database.create(databaseName)
    const options = { databaseUrl, providerPort: provider.port, environment }
    let server = await startCentang(options)
    this.#servers.push(server)
    const business = await addBusiness(server, provider.port)
    if (seed) {
      await server.stop()
      await seed(databaseUrl, business)
      server = await startCentang({ ...options, masterKey: server.masterKey })
      this.#servers.push(server)
    }
    const { pid, port, masterKey } = server
    const target: CentangTarget = { kind: 'centang', port, apiKey: business.apiKey, masterKey }
    const watched = { server: pid, database: database.pid, provider }
    return {
      ...business,
      server,
      databaseUrl,
      measure: (plan, change = {}) => measure({ ...plan, target: { ...target, ...change } }, watched),
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()))
    await this.provider.stop()
    await this.database.stop()
  }
}
