import type { Command } from 'commander'
import { type ApiOptions, openApi, withApiOptions } from './api.ts'
import { usageError } from './exit.ts'
import { readTypedLines } from './prompt.ts'
import { dateOf, print, printJson, table, tell } from './terminal.ts'

interface ApplicationView {
  readonly id: string
  readonly name: string
  readonly brand: string
  readonly locale: string
  readonly domain: string | null
  readonly workflow: readonly { readonly channel: string }[]
}

interface CredentialsView {
  readonly twilio: { readonly account_sid: string; readonly api_key_sid: string; readonly service_sid: string }
  readonly vonage: { readonly api_key: string; readonly application_id: string }
  readonly message_central: { readonly customer_id: string }
}

interface GatewayView {
  readonly id: string
  readonly mode: string
  readonly system: string
  readonly url: string
  readonly created_at: string
}

interface Page<Item> {
  readonly data: readonly Item[]
  readonly next_cursor: string | null
}

/** What a business has set up, through a running server: the ids that other calls and guides ask for. */
export function addSetUpCommands(program: Command): void {
  addApplicationCommands(
    program.command('applications').description('what the business verifies people for; their ids'),
  )
  addGatewayCommands(
    program.command('gateways').description('auth servers that sign their calls: Supabase, Clerk, ZITADEL'),
  )
}

function addApplicationCommands(applications: Command): void {
  withApiOptions(applications.command('list', { isDefault: true }))
    .description('the applications of the business: brand, language, channels')
    .action(async (options: ApiOptions) => {
      const data = await listAll<ApplicationView>(options, '/v1/applications')
      if (options.json) return printJson({ data, next_cursor: null })
      const rows = data.map(({ id, name, brand, locale, domain, workflow }) => [
        id,
        name,
        brand,
        locale,
        domain ?? '',
        workflow.map(({ channel }) => channel).join(', '),
      ])
      for (const line of table(rows)) print(line)
    })
  withApiOptions(applications.command('show'))
    .argument('<application>', 'app_…, as list shows it')
    .description("one application, with the names that vendors' SDKs give to the same thing")
    .action(async (id: string, options: ApiOptions) => {
      const api = openApi(options)
      const path = `/v1/applications/${encodeURIComponent(id)}`
      const application = await api.call<ApplicationView>('GET', path)
      const credentials = await api.call<CredentialsView>('GET', `${path}/credentials`)
      if (options.json) return printJson({ ...application, credentials })
      for (const line of describeApplication(application, credentials)) print(line)
    })
}

function describeApplication(application: ApplicationView, credentials: CredentialsView): string[] {
  const { id, name, brand, locale, domain, workflow } = application
  const { twilio, vonage, message_central: messageCentral } = credentials
  return table([
    ['id', id],
    ['audience', `${id}  (whom results of hosted pages and <otp-field> are for: check it as \`aud\`)`],
    ['name', name],
    ['brand', brand],
    ['language', locale],
    ['domain', domain ?? 'none'],
    ['workflow', workflow.map(({ channel }) => channel).join(', then ')],
    ['Twilio', `account ${twilio.account_sid}, key ${twilio.api_key_sid}, service ${twilio.service_sid}`],
    ['Vonage', `api_key ${vonage.api_key}, application ${vonage.application_id}`],
    ['Message Central', `customer ${messageCentral.customer_id}`],
  ])
}

function addGatewayCommands(gateways: Command): void {
  withApiOptions(gateways.command('list'))
    .description('those of the mode of your key, with the URL that each auth server calls')
    .action(async (options: ApiOptions) => {
      const data = await listAll<GatewayView>(options, '/v1/gateways')
      if (options.json) return printJson({ data, next_cursor: null })
      const rows = data.map(({ id, mode, system, url, created_at: at }) => [id, mode, system, dateOf(at), url])
      for (const line of table(rows)) print(line)
    })
  withApiOptions(gateways.command('create'))
    .argument('<system>', 'supabase, clerk or zitadel')
    .description('let an auth server in; the secret that it signs with is asked for, or read from a pipe')
    .addHelpText('after', '\nExample:\n  $ centang gateways create supabase < secret.txt')
    .action(async (system: string, options: ApiOptions) => {
      const secret = await readSecret()
      const made = await openApi(options).call<GatewayView>('POST', '/v1/gateways', { system, secret })
      if (options.json) return printJson(made)
      print(made.id)
      tell(`Give this URL to ${system}: ${made.url}`)
    })
  withApiOptions(gateways.command('remove'))
    .argument('<gateway>', 'gwy_…, as list shows it')
    .description('an auth server that is let in no longer')
    .action(async (id: string, options: ApiOptions) => {
      await openApi(options).call('DELETE', `/v1/gateways/${encodeURIComponent(id)}`)
      if (options.json) printJson({ id, removed: true })
      else print(`${id} is removed.`)
    })
}

/** Not an option: other users of the machine see what a command was called with. */
async function readSecret(): Promise<string> {
  for await (const typed of readTypedLines('The secret that it signs with: ')) return typed
  throw usageError('The secret is missing: type it, or give it by a pipe.')
}

export async function listAll<Item>(options: ApiOptions, path: string): Promise<readonly Item[]> {
  const api = openApi(options)
  const found: Item[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Page<Item> = await api.call<Page<Item>>('GET', `${path}${cursor === '' ? '' : `?cursor=${cursor}`}`)
    found.push(...page.data)
    cursor = page.next_cursor
  }
  return found
}
