import { existsSync } from 'node:fs'

/**
 * The plan of the house: who may import whom. ARCHITECTURE.md shows these tables (UPDATE=1 writes them there), and
 * `house.test.ts` holds every file to them.
 */

/** Modules, lowest first, with those whose `core/` and `port.ts` they may use. Everything may use platform. */
const planned: Readonly<Record<string, readonly string[]>> = {
  platform: [],
  ledger: [],
  access: [],
  messaging: ['access'],
  verification: ['access', 'messaging'],
  totp: ['access', 'verification'],
  webhooks: ['access'],
  gateways: ['access', 'verification'],
  compat: ['access', 'messaging', 'verification', 'totp', 'webhooks'],
  guard: ['access', 'messaging'],
  demo: ['access', 'messaging'],
}

/** Those of the plan that are there: a module that is taken out leaves no trace elsewhere. */
export const modules: typeof planned = Object.fromEntries(
  Object.entries(planned).filter(([name]) => existsSync(new URL(`../../src/${name}`, import.meta.url))),
)

/** Layers inside a module, with those that they may import besides themselves. */
export const layers: Readonly<Record<string, readonly string[]>> = {
  core: [],
  flows: ['core'],
  store: ['core'],
  providers: ['core'],
  http: ['core', 'flows', 'store (types)'],
  root: ['core', 'flows', 'store', 'providers', 'http'],
}

/** The rooms of platform, which is no module of one subject. */
export const platformRooms: Readonly<Record<string, readonly string[]>> = {
  core: [],
  keys: ['core', 'database (types)'],
  net: ['core'],
  work: ['core'],
  database: ['core', 'keys', 'root (types)'],
  http: ['core', 'keys (types)', 'net', 'database (types)', 'root (types)'],
  events: ['core', 'database', 'http', 'root (types)'],
  retention: ['core', 'work', 'database', 'root (types)'],
  recipients: ['core', 'keys (types)', 'database', 'http', 'root (types)'],
  root: ['core', 'keys', 'net', 'work', 'database', 'http', 'events', 'retention', 'recipients'],
}

/** Files that may lie beside the layers of a module. */
export const rootFiles = ['module.ts', 'port.ts', 'settings.ts', 'metrics.ts', 'README.md']

/** Modules whose parts are small modules: a folder a vendor, each with layers of its own. */
export const divided: Readonly<Record<string, readonly string[]>> = {
  compat: ['twilio', 'vonage', 'message-central'],
}

/** What lies outside the modules, with the top folders that it may import. */
export const outside: Readonly<Record<string, readonly string[]>> = {
  'src/app.ts': ['src'],
  'src/cli': ['src'],
  simulator: ['simulator'],
  sdk: ['sdk'],
  console: ['console', 'sdk'],
  examples: ['examples'],
}

/** Only what is no part of the house may be left out: the demo's simulated world is mounted where it is opened. */
export const exceptions: Readonly<Record<string, string>> = {
  'src/demo/module.ts': 'simulator/',
}
