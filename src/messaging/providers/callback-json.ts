import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

/** The JSON of a callback. What is taken out of it is made storable item by item, because one body may hold thousands. */
export function parseCallback(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    throw new Refusal(platformRefusals.body_invalid, { errors: [{ path: 'body', problem: 'is not JSON' }] })
  }
}
