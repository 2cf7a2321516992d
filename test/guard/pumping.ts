import { createHash, randomUUID } from 'node:crypto'
import { chargesOf } from '#guard/core/charge.ts'
import { brokenByNumber } from '#guard/core/number.ts'
import { type Policy, type PolicyChanges, resolvePolicy } from '#guard/core/policy.ts'
import type { Counters } from '#guard/store/counters.ts'
import type { Leaving } from '#messaging/core/may-leave.ts'
import { numberFacts } from '#platform/http/number-facts.ts'
import type { TestDatabase } from '../kit/database.ts'

/** Somebody who asks for a code at some second, and perhaps enters it. */
export interface Asking {
  readonly atSeconds: number
  readonly number: string
  /** Seconds until the code is entered; absent: never. */
  readonly provesAfter?: number
  readonly client?: Leaving['client']
  readonly isCheckedElsewhere?: boolean
  /** Told by a receipt: it did not arrive. */
  readonly fails?: boolean
}

export interface Outcome {
  readonly asked: number
  readonly sent: number
  /** Of the numbers that were asked for, by the rule that refused. */
  readonly refusedBy: ReadonlyMap<string, number>
  readonly sentTo: readonly string[]
}

interface Story {
  readonly database: TestDatabase
  readonly counters: Counters
  readonly businessId: string
  readonly policy: Policy
}

const begin = Date.parse('2026-12-01T10:00:00Z')
/** The log is read more often; whoever holds with this holds with that. */
const learnEverySeconds = 5

/** What the guard would hold for a business that named its countries, live. */
const policyFor = (changes: PolicyChanges): Policy =>
  resolvePolicy(changes, { mode: 'enforce', sendsPerHour: 10_000, sendsPerDay: 50_000 }, true, [])

export async function freshStory(database: TestDatabase, counters: Counters, changes: PolicyChanges): Promise<Story> {
  const businessId = randomUUID()
  await database.query('insert into business values ($1, $2, now())', [businessId, 'x'])
  return { database, counters, businessId, policy: policyFor(changes) }
}

/** Plays it through second by second, against the real statements; what is entered is told in the real log. */
export async function play(
  { database, counters, businessId, policy }: Story,
  askings: readonly Asking[],
): Promise<Outcome> {
  const perSecond = Map.groupBy(askings, ({ atSeconds }) => Math.floor(atSeconds))
  const news = new Map<number, { subjectId: string; kind: string }[]>()
  const refusedBy = new Map<string, number>()
  const sentTo: string[] = []
  const last = Math.max(...askings.map(({ atSeconds }) => atSeconds))
  const refuse = (rule: string): void => void refusedBy.set(rule, (refusedBy.get(rule) ?? 0) + 1)

  const ask = async (asking: Asking): Promise<void> => {
    const facts = numberFacts(asking.number)
    const [broken] = brokenByNumber(policy, 'sms', facts)
    if (broken !== undefined) return refuse(broken)
    const subjectId = randomUUID()
    const leaving: Leaving = {
      businessId,
      applicationId: businessId,
      live: true,
      subjectId,
      recipient: asking.number,
      channel: 'sms',
      senderId: businessId,
      kind: 'start',
      client: asking.client,
      isCheckedElsewhere: asking.isCheckedElsewhere,
    }
    const mac = (kind: string, text: string): string =>
      createHash('sha256')
        .update(kind + text)
        .digest('base64url')
        .slice(0, 22)
    const charges = chargesOf(leaving, { policy, facts, mac, personKeyOf: (_, recipient) => recipient })
    const now = new Date(begin + asking.atSeconds * 1000)
    const verdict = await counters.spend({ businessId, live: true, subjectId, isKept: true, charges, now })
    if (verdict.refusedBy) return refuse(verdict.refusedBy.rule)
    sentTo.push(asking.number)
    const later = (after: number, kind: string): void => {
      const second = Math.floor(asking.atSeconds + after)
      news.set(second, [...(news.get(second) ?? []), { subjectId, kind }])
    }
    if (asking.provesAfter !== undefined && !asking.isCheckedElsewhere)
      later(asking.provesAfter, 'verification.approved')
    if (asking.fails) later(8, 'delivery.failed')
  }

  let told: { subjectId: string; kind: string }[] = []
  for (let second = 0; second <= last; second++) {
    told.push(...(news.get(second) ?? []))
    if (told.length > 0 && second % learnEverySeconds === 0) {
      await database.query(
        `insert into event (business_id, live, subject_kind, subject_id, kind, at)
          select $1, true, 'verification', subject_id, kind, now() from unnest($2::uuid[], $3::text[]) as n (subject_id, kind)`,
        [businessId, told.map(({ subjectId }) => subjectId), told.map(({ kind }) => kind)],
      )
      told = []
      await counters.learn()
    }
    await Promise.all((perSecond.get(second) ?? []).map(ask))
  }
  return { asked: askings.length, sent: sentTo.length, refusedBy, sentTo }
}

/** Of each prefix the most that were sent to. */
export const mostPerPrefix = (numbers: readonly string[], without: number): number =>
  Math.max(
    0,
    ...Map.groupBy(numbers, (number) => number.slice(0, -without))
      .values()
      .map(({ length }) => length),
  )
