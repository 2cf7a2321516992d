import type { Command } from 'commander'
import { type ApiOptions, openApi, withApiOptions } from './api.ts'
import { dateOf, paint, print, printJson, table, tell } from './terminal.ts'

interface KeyView {
  readonly id: string
  readonly application_id: string
  readonly mode: 'test' | 'live'
  readonly hint: string
  readonly created_at: string
  readonly revoked_at: string | null
}

/** API keys of a business, through a running server and with one of them. */
export function addKeyCommands(keys: Command): void {
  withApiOptions(keys.command('list'))
    .description('the keys of the business; of each only the last four characters are known')
    .action(async (options: ApiOptions) => {
      const page = await openApi(options).call<{ data: KeyView[] }>('GET', '/v1/api_keys')
      if (options.json) return printJson(page)
      for (const line of describeKeys(page.data, options.key ?? '')) print(line)
    })
  withApiOptions(keys.command('create'))
    .description('another key for the application of the key you use, in its mode')
    .addHelpText(
      'after',
      '\nA key of another application, or the first live one, is made by the operator: centang businesses add-key',
    )
    .action(async (options: ApiOptions) => {
      const made = await openApi(options).call<KeyView & { key: string }>('POST', '/v1/api_keys')
      if (options.json) return printJson(made)
      print(made.key)
      tell(`This is ${made.id}. The key is shown this once.`)
    })
  withApiOptions(keys.command('revoke'))
    .argument('<key-id>', 'key_…, as list shows it')
    .description('a key that no longer counts; it stops within five seconds')
    .action(async (id: string, options: ApiOptions) => {
      await openApi(options).call('DELETE', `/v1/api_keys/${encodeURIComponent(id)}`)
      if (options.json) printJson({ id, revoked: true })
      else print(`${id} is revoked.`)
    })
}

function describeKeys(keys: readonly KeyView[], used: string): string[] {
  const isUsed = ({ mode, hint }: KeyView): boolean => used.startsWith(`ck_${mode}_`) && used.endsWith(hint)
  return table(
    keys.map((key) => [
      key.id,
      key.mode,
      `…${key.hint}`,
      `made ${dateOf(key.created_at)}`,
      key.revoked_at === null ? (isUsed(key) ? '← the one you use' : '') : `revoked ${dateOf(key.revoked_at)}`,
    ]),
    (cell, column) => (column === 4 && cell.startsWith('revoked') ? paint('dim', cell) : cell),
  )
}
