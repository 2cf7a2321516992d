import type { Sender } from './sender.ts'

/** What of a sender was changed, in the words that its business is told: where it calls, and as whom, comes first. */
export const senderChanges = ['host', 'credentials', 'config'] as const
export type SenderChange = (typeof senderChanges)[number]

type Changeable = Pick<Sender, 'config' | 'secrets'>

export function changesOf(before: Changeable, after: Changeable): readonly SenderChange[] {
  const isSame = (one: unknown, other: unknown): boolean =>
    JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
  const changed: Readonly<Record<SenderChange, boolean>> = {
    host: !isSame(hostsIn(before.config), hostsIn(after.config)),
    credentials: !isSame(before.secrets, after.secrets),
    config: !isSame(before.config, after.config),
  }
  return senderChanges.filter((change) => changed[change])
}

/** Every host that a setting names. */
function hostsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return /^https?:/i.test(value) && URL.canParse(value) ? [new URL(value).host] : []
  if (typeof value !== 'object' || value === null) return []
  return [...new Set(Object.values(value).flatMap(hostsIn))].toSorted((one, other) => (one < other ? -1 : 1))
}

/** The order in which members were written says nothing. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const members = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]))
}
