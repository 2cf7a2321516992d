export { workflowSchema } from './http/workflow-schema.ts'
export type { AccessPort } from './module.ts'
