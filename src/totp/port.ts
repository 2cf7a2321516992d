export type { TotpPort } from './module.ts'
