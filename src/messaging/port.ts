export { readRecipient } from './http/recipient.ts'
export type { MessagingPort } from './module.ts'
