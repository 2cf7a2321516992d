import type { EventSubjects } from '#platform/core/event-subject.ts'

/** Every kind of event that the modules know, with the subject it is of and what has happened. */
export const listKinds = (
  subjects: EventSubjects,
): readonly { readonly kind: string; readonly subject: string; readonly description: string }[] =>
  Object.entries(subjects).flatMap(([subject, { kinds }]) =>
    Object.entries(kinds).map(([kind, description]) => ({ kind, subject, description })),
  )

const groupOf = (kind: string): string => `${kind.split('.')[0]}.*`

/** What an endpoint may ask for: a kind, or a group of them (`verification.*`). */
export function listPatterns(subjects: EventSubjects): readonly string[] {
  const kinds = listKinds(subjects).map(({ kind }) => kind)
  return [...new Set(kinds.map(groupOf)), ...kinds]
}

/** A kind that is new since the endpoint was made belongs to its group. */
export const isWanted = (patterns: readonly string[], kind: string): boolean =>
  patterns.includes(kind) || patterns.includes(groupOf(kind))
