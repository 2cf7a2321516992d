export type { VerificationPort } from './module.ts'
export type { Sending, SendingFilter } from './store/sendings.ts'
export type { StartRequest } from './flows/start-verification.ts'
