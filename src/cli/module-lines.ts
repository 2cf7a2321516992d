import type { Line } from '#platform/database/line.ts'

/** The modules that may have tables and functions, each after those it stands on. One that is not there has none. */
export const moduleLines: readonly Line[] = [
  'platform',
  'ledger',
  'access',
  'messaging',
  'verification',
  'totp',
  'webhooks',
  'gateways',
  'compat',
  'guard',
].map((name) => ({ name, folder: new URL(`../${name}/`, import.meta.url) }))
