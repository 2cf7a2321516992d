export type { VerificationPort } from './module.ts'
