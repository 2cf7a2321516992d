import { createHash } from 'node:crypto'
import type { TransferAsk } from '#ledger/core/transfer.ts'

/**
 * What a chain asks for, to tell a repeat from another request under the same ids. Not what a clock adds. Sixteen bytes: whoever
 * found two requests with the same ones would fool nobody but themselves.
 */
export const fingerprintOf = (chain: readonly TransferAsk[]): Buffer =>
  createHash('sha256')
    .update(JSON.stringify(chain.map(sorted), spell))
    .digest()
    .subarray(0, 16)

/** Members in one order, whoever wrote them down. */
function sorted(value: object): Record<string, unknown> {
  const entries = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

function spell(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  return isPlain(value) ? sorted(value) : value
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
