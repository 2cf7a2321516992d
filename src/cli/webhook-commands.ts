import { type Command, Option } from 'commander'
import { webhookStatuses } from '#webhooks/core/endpoint.ts'
import { type ApiOptions, openApi, withApiOptions } from './api.ts'
import { print, printJson, tell } from './terminal.ts'
import { count } from './verification-commands.ts'
import { findEndpoint, pathOf } from './webhook-endpoint.ts'
import { type ReplayOptions, replay } from './webhook-replay.ts'
import { describeEndpoints, describeWebhooks, type EndpointView, type WebhookView } from './webhook-view.ts'

interface DeliveriesOptions extends ApiOptions {
  readonly status?: string
  readonly limit: string
  readonly cursor?: string
}

const endpointMeaning = 'whe_…, as list shows it; the only one when absent'

/** What your own server is told, through a running server. */
export function addWebhookCommands(program: Command): void {
  const webhooks = program.command('webhooks').description('what your own server is told, and telling it again')
  withApiOptions(webhooks.command('list'))
    .description('the endpoints of the mode of your key')
    .action(async (options: ApiOptions) => {
      const page = await openApi(options).call<{ data: EndpointView[] }>('GET', '/v1/webhook_endpoints')
      if (options.json) return printJson(page)
      for (const line of describeEndpoints(page.data)) print(line)
      if (page.data.length === 0) tell('There are none. Add one: centang webhooks create <url>')
    })
  withApiOptions(webhooks.command('create'))
    .argument('<url>', 'https, at a public address; others by CENTANG_WEBHOOK_HOSTS')
    .option('--events <types>', 'types of events or groups of them, with commas between', 'verification.*,delivery.*')
    .description('an endpoint of your own server; its secret is shown this once')
    .addHelpText(
      'after',
      '\nExample:\n  $ centang webhooks create https://shop.example/hooks/centang --events verification.approved',
    )
    .action(async (url: string, options: ApiOptions & { readonly events: string }) => {
      const events = options.events.split(',').map((one) => one.trim())
      const made = await openApi(options).call<EndpointView & { secret: string }>('POST', '/v1/webhook_endpoints', {
        url,
        events,
      })
      if (options.json) return printJson(made)
      print(made.secret)
      tell(`This is the secret of ${made.id}, which your server checks the signatures with. It is shown this once.`)
    })
  withApiOptions(webhooks.command('remove'))
    .argument('<endpoint>', 'whe_…, as list shows it')
    .description('an endpoint that hears of nothing any more')
    .action(async (id: string, options: ApiOptions) => {
      await openApi(options).call('DELETE', pathOf(id))
      if (options.json) printJson({ id, removed: true })
      else print(`${id} is removed.`)
    })
  withApiOptions(webhooks.command('deliveries'))
    .argument('[endpoint]', endpointMeaning)
    .description('what was sent to an endpoint, the newest first')
    .addOption(new Option('--status <status>', 'as they stand now').choices(webhookStatuses))
    .option('--limit <count>', 'how many, 1 to 100', count(1, 100), '20')
    .option('--cursor <cursor>', 'go on where the last page ended')
    .addHelpText('after', '\nExample:\n  $ centang webhooks deliveries --status failed')
    .action(listDeliveries)
  addReplayCommand(webhooks)
  withApiOptions(webhooks.command('enable'))
    .argument('[endpoint]', endpointMeaning)
    .description('an endpoint that was disabled hears of events again, from now on')
    .addHelpText('after', '\nWhat happened meanwhile is sent by: centang webhooks replay --since <time>')
    .action(async (given: string | undefined, options: ApiOptions) => {
      const api = openApi(options)
      const { id } = await findEndpoint(api, given)
      const enabled = await api.call<EndpointView>('PATCH', pathOf(id), { disabled: false })
      if (options.json) printJson(enabled)
      else print(`${id} hears of events again.`)
    })
}

function addReplayCommand(webhooks: Command): void {
  withApiOptions(webhooks.command('replay'))
    .argument('[endpoint]', endpointMeaning)
    .description('send webhooks again, under the ids they had; ends with 1 when one does not arrive')
    .option('--since <time>', 'every event since then: 2026-11-25T04:00:00Z, or so long ago: 45m, 12h, 3d')
    .option('--event <webhook-id>', 'a single one, whd_…: the webhook-id it came with')
    .option('--no-wait', 'do not wait until they have been sent')
    .addHelpText(
      'after',
      `
A time without a zone is one of this machine. What waited to be sent again later is sent now. While it waits it says how
many have arrived; Ctrl-C ends the waiting, and the server goes on.

Examples:
  $ centang webhooks replay --since 12h
  $ centang webhooks replay whe_019a6b0c2f4e7c3d8a51e2f60b7d9c14 --since 2026-11-25T04:00:00Z --json
  $ centang webhooks replay --event whd_019a6b0c2f4e7c3d8a51e2f60b7d9c15`,
    )
    .action((given: string | undefined, options: ReplayOptions) => replay(given, options))
}

async function listDeliveries(given: string | undefined, options: DeliveriesOptions): Promise<void> {
  const { status, limit, cursor, json } = options
  const api = openApi(options)
  const { id } = await findEndpoint(api, given)
  const query = new URLSearchParams({ limit, ...(status && { status }), ...(cursor && { cursor }) })
  const path = `${pathOf(id)}/deliveries?${query.toString()}`
  const page = await api.call<{ data: WebhookView[]; next_cursor: string | null }>('GET', path)
  if (json) return printJson(page)
  for (const line of describeWebhooks(page.data)) print(line)
  if (page.data.length === 0) tell('There are none.')
  if (page.next_cursor !== null) tell(`There are more: --cursor ${page.next_cursor}`)
}
