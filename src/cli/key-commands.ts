import type { Command } from 'commander'
import { type ApiOptions, openApi, withApiOptions } from './api.ts'
import { listAll } from './set-up-commands.ts'
import { grantOf, type KeyOptions, withKeyOptions } from './key-options.ts'
import { dateOf, paint, print, printJson, table, tell } from './terminal.ts'

interface KeyView {
  readonly id: string
  readonly application_id: string
  readonly mode: 'test' | 'live'
  readonly hint: string
  readonly scopes: readonly string[]
  readonly created_at: string
  readonly expires_at: string | null
  readonly last_used_at: string | null
  readonly revoked_at: string | null
}

/** API keys of a business, through a running server and with one of them. */
export function addKeyCommands(keys: Command): void {
  withApiOptions(keys.command('list'))
    .description('the keys of the business; of each only the last four characters are known')
    .action(async (options: ApiOptions) => {
      const data = await listAll<KeyView>(options, '/v1/api_keys')
      if (options.json) return printJson({ data, next_cursor: null })
      for (const line of describeKeys(data, options.key ?? '')) print(line)
    })
  withKeyOptions(withApiOptions(keys.command('create')), 'verify')
    .description('another key for the application of the key you use, in its mode')
    .addHelpText(
      'after',
      `
Only a key of scope admin makes others, and none with more than it has or for longer.
The first live key is made by the operator: centang businesses add-key

Example:
  $ centang keys create --scope verify --allow 10.0.0.0/8 --expires 90d`,
    )
    .action(async (options: ApiOptions & KeyOptions) => {
      const { scopes, allowedAddresses, expiresAt } = grantOf(options, 'verify')
      const made = await openApi(options).call<KeyView & { key: string }>('POST', '/v1/api_keys', {
        scopes,
        ...(allowedAddresses && { allowed_addresses: allowedAddresses }),
        ...(expiresAt && { expires_at: expiresAt.toISOString() }),
      })
      if (options.json) return printJson(made)
      print(made.key)
      tell(`This is ${made.id}, for ${made.scopes.join(', ')}. The key is shown this once.`)
    })
  withApiOptions(keys.command('revoke'))
    .argument('<key-id>', 'key_…, as list shows it')
    .option('--children', 'and whatever it made: keys, gateways, public keys, and what those made', false)
    .description('a key that no longer counts; it stops within five seconds')
    .action(async (id: string, options: ApiOptions & { readonly children: boolean }) => {
      const query = options.children ? '?children=true' : ''
      await openApi(options).call('DELETE', `/v1/api_keys/${encodeURIComponent(id)}${query}`)
      if (options.json) printJson({ id, revoked: true })
      else print(`${id} is revoked${options.children ? ', with all that it made' : ''}.`)
    })
}

function describeKeys(keys: readonly KeyView[], used: string): string[] {
  const isUsed = ({ mode, hint }: KeyView): boolean => used.startsWith(`ck_${mode}_`) && used.endsWith(hint)
  return table(
    keys.map((key) => [
      key.id,
      key.mode,
      `…${key.hint}`,
      key.scopes.join('+'),
      `made ${dateOf(key.created_at)}`,
      key.last_used_at === null ? 'never used' : `used ${dateOf(key.last_used_at)}`,
      key.revoked_at !== null
        ? `revoked ${dateOf(key.revoked_at)}`
        : `${key.expires_at === null ? '' : `until ${dateOf(key.expires_at)}`}${isUsed(key) ? ' ← the one you use' : ''}`.trim(),
    ]),
    (cell, column) => (column === 6 && cell.startsWith('revoked') ? paint('dim', cell) : cell),
  )
}
