import { decideWebhook, type WebhookAnswer } from '#webhooks/core/delivery.ts'
import type { WebhookNews } from '#webhooks/core/format.ts'
import { createLeased } from '#platform/work/leased.ts'
import { repeat, type Sleep } from '#platform/work/repeat.ts'
import type { WithNews } from './read-news.ts'

/** Sendings under way at once: of this server, and of one endpoint, so that a slow one does not hold up the others. */
const underWayMax = 256
const perEndpointMax = 8
/** Longer than a sending may take (10 s): until then nobody else takes it over. */
const leaseMs = 20_000
const lookEveryMs = 400
const sleepAfterErrorMs = 2000

interface Claimed {
  readonly businessId: string
  readonly id: string
  readonly endpointId: string
  readonly url: string
  readonly sendCount: number
  readonly secrets: readonly string[] | undefined
}

interface Outcome {
  readonly dueAt?: Date
  readonly isDelivered: boolean
  readonly isSent: boolean
  readonly responseStatus?: number
  readonly problem?: string
  readonly disables?: 'gone' | 'failing'
}

/** What delivering takes; `module.ts` hands it in. */
export interface DeliveringTakes<Webhook extends Claimed> {
  readonly now: () => Date
  readonly store: {
    /** Turns new events into deliveries; true when there may be more. */
    spread(now: Date): Promise<boolean>
    claim(
      now: Date,
      limits: {
        max: number
        perEndpoint: number
        leaseMs: number
        /** Endpoints with as many under way as they may have. */
        busy: readonly string[]
        /** What businesses share, and what each has of it. */
        ofAll: number
        underWay: ReadonlyMap<string, number>
      },
    ): Promise<readonly Webhook[]>
    /** True: the endpoint has been disabled by it. */
    record(webhook: Webhook, outcome: Outcome, now: Date): Promise<boolean>
  }
  /** Those that could be read. Does not throw. */
  readonly readNews: (claimed: readonly Webhook[]) => Promise<readonly WithNews<Webhook>[]>
  /** Never inside a transaction. Does not throw. */
  readonly send: (
    webhook: Webhook & { readonly news: WebhookNews; readonly secrets: readonly string[]; readonly at: Date },
  ) => Promise<WebhookAnswer>
  /** From 0 to 1. */
  readonly random: () => number
  readonly onError: (error: unknown) => void
  readonly onDisabled?: (endpointId: string, reason: 'gone' | 'failing') => void
  readonly waitsSeconds?: readonly number[]
}

export interface WebhookDelivering {
  /** Lets what is under way finish, and begins nothing more. */
  stop(): Promise<void>
}

/**
 * Tells businesses what happened. Three steps, each of which any server may do and may die in: events are spread into
 * deliveries, due deliveries are claimed by a lease, and after the sending its outcome is written. Who dies between
 * the last two has the webhook sent again with the same id; none is lost.
 */
export function deliverWebhooks<Webhook extends Claimed>(takes: DeliveringTakes<Webhook>): WebhookDelivering {
  const { onError } = takes
  const sending = createLeased<Pick<Claimed, 'businessId' | 'endpointId'>>(underWayMax, onError)

  const round = async (): Promise<Sleep> => {
    const hasMoreEvents = await takes.store.spread(takes.now())
    const max = sending.room()
    if (max <= 0) return { ms: lookEveryMs, orUntil: sending.oneEnded() }
    const countBy = (of: 'businessId' | 'endpointId') =>
      new Map([...Map.groupBy(sending.marks(), (mark) => mark[of])].map(([id, marks]) => [id, marks.length]))
    const busy = [...countBy('endpointId')].filter(([, count]) => count >= perEndpointMax).map(([id]) => id)
    const claimed = await takes.store.claim(takes.now(), {
      max,
      perEndpoint: perEndpointMax,
      leaseMs,
      busy,
      ofAll: underWayMax,
      underWay: countBy('businessId'),
    })
    const told = claimed.length === 0 ? [] : await takes.readNews(claimed)
    for (const webhook of told) sending.begin(webhook, () => deliver(takes, webhook))
    if (hasMoreEvents) return 0
    // Wakes again as soon as a delivery ends: the next of its endpoint may be waiting for that.
    return claimed.length > 0 ? { ms: lookEveryMs, orUntil: sending.oneEnded() } : lookEveryMs
  }

  const rounds = repeat(round, { sleepAfterErrorMs, onError })
  return {
    async stop() {
      await rounds.stop()
      await sending.allEnded()
    },
  }
}

async function deliver<Webhook extends Claimed>(
  takes: DeliveringTakes<Webhook>,
  webhook: WithNews<Webhook>,
): Promise<void> {
  const { secrets, news } = webhook
  if (!news) {
    // There is nothing left to tell.
    await takes.store.record(webhook, { isDelivered: false, isSent: false, problem: 'event_forgotten' }, takes.now())
    return
  }
  const answer: WebhookAnswer = secrets
    ? await takes.send({ ...webhook, news, secrets, at: takes.now() })
    : { problem: 'secret_unreadable' }
  const now = takes.now()
  const outcome = outcomeOf(takes, webhook, answer, now)
  const isDisabled = await takes.store.record(webhook, outcome, now)
  if (isDisabled && outcome.disables) takes.onDisabled?.(webhook.endpointId, outcome.disables)
}

function outcomeOf<Webhook extends Claimed>(
  { random, waitsSeconds }: DeliveringTakes<Webhook>,
  { sendCount }: Webhook,
  answer: WebhookAnswer,
  now: Date,
): Outcome {
  const decision = decideWebhook(answer, sendCount, random(), waitsSeconds)
  return {
    isDelivered: decision.kind === 'delivered',
    isSent: true,
    ...(answer.status !== undefined && { responseStatus: answer.status }),
    ...(answer.problem !== undefined && { problem: answer.problem }),
    ...(decision.kind === 'again' && { dueAt: new Date(now.getTime() + decision.afterMs) }),
    ...(decision.kind === 'gone' && { disables: 'gone' as const }),
    ...(decision.kind === 'failed' && { disables: 'failing' as const }),
  }
}
