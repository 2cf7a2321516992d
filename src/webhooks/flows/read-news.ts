import type { LoggedEvent, WebhookFormats, WebhookNews } from '#webhooks/core/format.ts'

interface Claimed {
  readonly format: string
  /** Undefined: it is no longer kept. */
  readonly event: LoggedEvent | undefined
}

export type WithNews<Webhook> = Webhook & {
  /** Undefined: there is nothing left to tell. */
  readonly news: WebhookNews | undefined
}

/**
 * What claimed webhooks tell. Each format reads for all of its own at once; those of one that can't are left out, and
 * claimed again when their leases are over.
 */
export async function readNews<Webhook extends Claimed>(
  formats: WebhookFormats,
  claimed: readonly Webhook[],
  onError: (error: unknown) => void,
): Promise<WithNews<Webhook>[]> {
  const groups = [...Map.groupBy(claimed, ({ format }) => format)].map(([name, group]) =>
    readGroup(formats, name, group).catch((error: unknown) => {
      onError(error)
      return []
    }),
  )
  return (await Promise.all(groups)).flat()
}

async function readGroup<Webhook extends Claimed>(
  formats: WebhookFormats,
  name: string,
  group: readonly Webhook[],
): Promise<WithNews<Webhook>[]> {
  const events = group.flatMap(({ event }) => event ?? [])
  const facts = events.length === 0 ? [] : await formats.get(name)?.readFacts(events)
  const known = new Map(events.map((event, index) => [event, facts?.[index]]))
  return group.map((webhook) => {
    const { event } = webhook
    const told = event && known.get(event)
    return { ...webhook, news: event && told !== undefined ? { event, facts: told } : undefined }
  })
}
