export type { WebhooksPort } from './module.ts'
