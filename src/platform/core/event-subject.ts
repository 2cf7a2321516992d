import { spellId } from './id.ts'

/** A kind of thing that events in the log are about, as the module that owns it describes it to those who tell of events. */
export interface EventSubject {
  /** What its ids begin with. */
  readonly idPrefix: string
  /** The part of it that an event may be about, as a delivery of a verification. */
  readonly part?: { readonly name: string; readonly idPrefix: string; readonly description: string }
  /** In a sentence, for the API reference. */
  readonly description: string
  /** What a key must be allowed to hear of it. */
  readonly permission: string
  /** Whether it belongs to one application of its business. */
  readonly isOfApplication: boolean
  /** Every kind of its events, with what has happened in a sentence. */
  readonly kinds: Readonly<Record<string, string>>
  /** Members of an event's data that businesses may see, with their JSON schemas. What is not in here stays inside. */
  readonly told: Readonly<Record<string, object>>
  /** What else a webhook says of it, with the JSON schemas. It never changes, and its module reads it (`ReadFacts`). */
  readonly facts?: Readonly<Record<string, object>>
}

/** By their word in the log, `subject_kind`. */
export type EventSubjects = Readonly<Record<string, EventSubject>>

/** The facts of many subjects in one look, by their ids; one that is no longer kept is missing. */
export type ReadFacts = (
  keys: readonly { readonly businessId: string; readonly id: string }[],
) => Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>>

export const mergeSubjects = (facts: readonly { readonly events?: EventSubjects }[]): EventSubjects =>
  Object.assign({}, ...facts.map(({ events }) => events)) as EventSubjects

/** `verification_id`, and `delivery_id` or null where the subject has such parts. */
export function spellSubject(
  name: string,
  { idPrefix, part }: EventSubject,
  { subjectId, partId }: { readonly subjectId: string; readonly partId?: string },
): Readonly<Record<string, string | null>> {
  return {
    [`${name}_id`]: spellId(idPrefix, subjectId),
    ...(part && { [`${part.name}_id`]: partId === undefined ? null : spellId(part.idPrefix, partId) }),
  }
}

/** Those members of an event's data that businesses may see; null where it has none of that name. */
export const tellData = (
  { told }: EventSubject,
  data: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.keys(told).map((member) => [member, data?.[member] ?? null]))
