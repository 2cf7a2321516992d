export type { MessagingPort } from './module.ts'
