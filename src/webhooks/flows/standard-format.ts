import type { EventSubjects, ReadFacts } from '#platform/core/event-subject.ts'
import { spellId } from '#platform/core/id.ts'
import { newStandardSecret, signStandard } from '#platform/net/sign-standard.ts'
import { listKinds } from '#webhooks/core/event-kinds.ts'
import type { LoggedEvent, WebhookFormat } from '#webhooks/core/format.ts'
import { webhooksIds } from '#webhooks/core/ids.ts'
import { standardBody } from '#webhooks/core/standard-body.ts'

type Facts = Readonly<Record<string, unknown>>

/** Our own format: Standard Webhooks, of every subject that the modules know. */
export function standardFormat(
  subjects: EventSubjects,
  readers: Readonly<Record<string, ReadFacts>>,
): WebhookFormat<Facts> {
  for (const [name, { facts }] of Object.entries(subjects)) {
    if (facts && !readers[name]) throw new Error(`Nobody reads what webhooks say of a ${name}.`)
  }

  // An endpoint may still ask for kinds of a module that is no longer here.
  const kinds = new Set(listKinds(subjects).map(({ kind }) => kind))

  /** Of one subject, in the order of the events. */
  const readOf = async (name: string, events: readonly LoggedEvent[]): Promise<readonly (Facts | undefined)[]> => {
    const subject = subjects[name]
    const read = readers[name]
    if (!subject) return events.map(() => undefined)
    if (!subject.facts || !read) return events.map(() => ({}))
    const found = await read(events.map(({ businessId, subjectId: id }) => ({ businessId, id })))
    return events.map(({ subjectId }) => found.get(subjectId))
  }

  return {
    name: 'standard',
    about: '`standard` is Standard Webhooks, and needs `events`.',
    events: 'chosen',
    signsTwice: true,
    newSecret: newStandardSecret,
    partsOf: (kind) => (kinds.has(kind) ? ['event'] : []),
    async readFacts(events) {
      const bySubject = Map.groupBy(events, ({ subjectKind }) => subjectKind)
      const facts = new Map<LoggedEvent, Facts | undefined>()
      for (const [name, group] of bySubject) {
        const found = await readOf(name, group)
        group.forEach((event, index) => facts.set(event, found[index]))
      }
      return events.map((event) => facts.get(event))
    },
    write({ id, url, event, facts, secrets, at }) {
      const subject = subjects[event.subjectKind]
      if (!subject) throw new Error(`No module knows a ${event.subjectKind}.`)
      const body = JSON.stringify(standardBody(subject, event, facts))
      return signStandard({ id: spellId(webhooksIds.webhookDelivery, id), url, body, secrets, at })
    },
  }
}
