import { type Command, Option } from 'commander'
import { type ApiOptions, openApi, withApiOptions } from './api.ts'
import { usageError } from './exit.ts'
import { count } from './verification-commands.ts'
import { dateOf, paint, print, printJson, table, tell } from './terminal.ts'

interface EndpointView {
  readonly id: string
  readonly mode: 'test' | 'live'
  readonly format: string
  readonly url: string
  readonly events: readonly string[]
  readonly disabled_reason: string | null
}

const deliveryStatuses = ['pending', 'delivered', 'failed'] as const

interface DeliveryView {
  readonly id: string
  readonly type: string | null
  readonly status: (typeof deliveryStatuses)[number]
  readonly send_count: number
  readonly response_status: number | null
  readonly problem: string | null
  readonly created_at: string
}

interface DeliveryOptions extends ApiOptions {
  readonly status?: string
  readonly limit: string
}

interface ReplayOptions extends ApiOptions {
  readonly since?: string
  readonly delivery?: string
}

/** Where a business hears of its events, what was sent there, and sending it again. */
export function addWebhookCommands(program: Command): void {
  const webhooks = program.command('webhooks').description('what is told to your endpoints, and telling it again')
  withApiOptions(webhooks.command('list'))
    .description('the endpoints of the business, in the mode of the key')
    .action(async (options: ApiOptions) => {
      const page = await openApi(options).call<{ data: EndpointView[] }>('GET', '/v1/webhook_endpoints')
      if (options.json) return printJson(page)
      if (page.data.length === 0) return tell('There is no endpoint. One is made with: POST /v1/webhook_endpoints')
      for (const line of describeEndpoints(page.data)) print(line)
    })
  withApiOptions(webhooks.command('deliveries'))
    .argument('<endpoint-id>', 'whe_…, as list shows it')
    .description('what was sent to an endpoint, newest first')
    .addOption(new Option('--status <status>', 'only those').choices(deliveryStatuses))
    .addOption(new Option('--limit <count>', 'so many').argParser(count(1, 100)).default('20'))
    .action(async (id: string, options: DeliveryOptions) => {
      const query = new URLSearchParams({ limit: options.limit, ...(options.status && { status: options.status }) })
      const path = `${pathOf(id)}/deliveries?${query.toString()}`
      const page = await openApi(options).call<{ data: DeliveryView[] }>('GET', path)
      if (options.json) return printJson(page)
      if (page.data.length === 0) return tell('Nothing was sent there.')
      for (const line of describeDeliveries(page.data)) print(line)
    })
  withApiOptions(webhooks.command('replay'))
    .argument('<endpoint-id>', 'whe_…, as list shows it')
    .description('tell it again: one delivery, or every event since a time; each comes with the id that it had')
    .option('--since <time>', 'every event from then on, for example 2026-11-25T09:00:00Z or "2 hours"')
    .option('--delivery <delivery-id>', 'this one, whd_… as deliveries shows it')
    .addHelpText(
      'after',
      `
Examples:
  $ centang webhooks replay whe_… --since "2 hours"
  $ centang webhooks deliveries whe_… --status failed
  $ centang webhooks replay whe_… --delivery whd_…`,
    )
    .action(replay)
}

async function replay(id: string, options: ReplayOptions): Promise<void> {
  const { since, delivery } = options
  if ((since === undefined) === (delivery === undefined))
    throw usageError('Say what to send again: --since <time>, or --delivery <delivery-id>.')
  const from = since === undefined ? undefined : readTime(since)
  const body = from ? { since: from.toISOString() } : { delivery_id: delivery }
  const answer = await openApi(options).call<{ found: boolean }>('POST', `${pathOf(id)}/replay`, body)
  if (options.json) return printJson({ id, ...body, ...answer })
  if (!answer.found) return print('Nothing has happened since then: there is nothing to send.')
  print(
    from ? `Everything since ${dateOf(from.toISOString())} is on its way again.` : `${delivery} is on its way again.`,
  )
  tell(`See what comes of it with: centang webhooks deliveries ${id}`)
}

const pathOf = (id: string): string => `/v1/webhook_endpoints/${encodeURIComponent(id)}`

const secondsIn: Readonly<Record<string, number>> = { minute: 60, hour: 3600, day: 86_400 }

/** A time, or how long ago. */
function readTime(text: string): Date {
  const [, count, unit = ''] = /^(\d{1,4}) ?(minute|hour|day)s?$/.exec(text) ?? []
  const time =
    count === undefined ? new Date(text) : new Date(Date.now() - Number(count) * (secondsIn[unit] ?? 0) * 1000)
  if (Number.isNaN(time.getTime()))
    throw usageError('--since must be a time (2026-11-25T09:00:00Z), or how long ago ("2 hours", "3 days").')
  return time
}

const describeEndpoints = (endpoints: readonly EndpointView[]): string[] =>
  table(
    endpoints.map((one) => [
      one.id,
      one.mode,
      one.format,
      one.disabled_reason === null ? 'on' : `off: ${one.disabled_reason}`,
      one.url,
      one.events.join(' '),
    ]),
    (cell, column) => (column === 3 && cell.startsWith('off') ? paint('red', cell) : cell),
  )

const colours = { delivered: 'green', failed: 'red', pending: 'yellow' } as const

const describeDeliveries = (deliveries: readonly DeliveryView[]): string[] =>
  table(
    deliveries.map((one) => [
      one.id,
      dateOf(one.created_at),
      one.type ?? 'forgotten',
      one.status,
      `sent ${one.send_count}×`,
      [one.problem, one.response_status].filter((part) => part !== null).join(' '),
    ]),
    (cell, column) => (column === 3 ? paint(colours[cell as DeliveryView['status']], cell) : cell),
  )
