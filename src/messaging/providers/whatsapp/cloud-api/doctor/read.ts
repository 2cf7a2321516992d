import { type Fields, fieldsOf } from '../fields.ts'

/** Reads a node or an edge of the Graph API with the sender's token. */
export type Read = (path: string) => Promise<{ readonly status: number; readonly node: Fields }>

/** What Meta gave as the reason, in brackets; empty when it gave none. */
export function errorOf(node: Fields): string {
  const { message } = fieldsOf(node['error'])
  return typeof message === 'string' ? ` (${message})` : ''
}
