export type { VerificationPort } from './module.ts'
export type { Sending, SendingFilter } from './store/sendings.ts'
