import { modules } from '#app.ts'
import type { RefusalEntry } from '#platform/core/refusal.ts'

const merged: Record<string, RefusalEntry> = Object.assign({}, ...modules.map((one) => one.refusals))

/** Every refusal there is, of all modules, by its code. */
export const refusals: Readonly<Record<string, RefusalEntry>> = merged

export function refusalOf(code: string): RefusalEntry {
  const entry = merged[code]
  if (!entry) throw new Error(`There is no refusal ${code}.`)
  return entry
}
