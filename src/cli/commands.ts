import { askToGoOn } from './prompt.ts'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { spellId } from '#platform/core/id.ts'
import { problemOfShownText } from '#platform/core/shown-text.ts'
import type { Stores } from './stores.ts'
import { jsonOption } from './api.ts'
import { grantOf, type KeyOptions, withKeyOptions } from './key-options.ts'
import { print, printJson } from './terminal.ts'
import { businessOf, uuidOf, withStores } from './with-stores.ts'
import { accessIds } from '#access/core/ids.ts'

/** The schema, businesses and keys of any of them: short commands that open the database, do one thing and close it. */
export function addBusinessCommands(program: Command): void {
  program
    .command('migrate')
    .description('bring the database schema up to date')
    .action(() => withStores(async () => print('The schema is up to date.')))

  const businesses = program.command('businesses').description('make businesses, and keys for them')
  businesses
    .command('create <name>')
    .description('a business with an application and its first key')
    .option('--live', 'a live key instead of a test key', false)
    .option('--brand <brand>', 'name shown in text messages')
    .addOption(countriesOption())
    .addOption(jsonOption())
    .addHelpText('after', "\nExample:\n  $ centang businesses create 'Toko Budi' --live --brand Budi --countries ID,SG")
    .action((name: string, options: CreateOptions) => withStores((stores) => createBusiness(stores, name, options)))
  businesses
    .command('list')
    .description('every business of this server, with its applications')
    .addOption(jsonOption())
    .action(({ json = false }: { readonly json?: boolean }) => withStores((stores) => listBusinesses(stores, json)))
  withKeyOptions(businesses.command('add-key <business> <application>'), 'admin')
    .description('another key for an application, also its first live one')
    .option('--live', 'a live key instead of a test key', false)
    .addOption(countriesOption())
    .addOption(jsonOption())
    .action((business: string, application: string, options: CreateOptions & KeyOptions) =>
      withStores((stores) => createKey(stores, business, application, options)),
    )
}

const countriesOption = () =>
  new Option(
    '--countries <countries>',
    'where codes of the application may go in the mode of the key, ISO 3166-1 with commas between',
  ).argParser(readCountries)

/** `ID,SG` */
function readCountries(text: string): readonly string[] {
  const countries = text.split(',').map((one) => one.trim().toUpperCase())
  if (!countries.every((one) => /^[A-Z]{2}$/.test(one)))
    throw new InvalidArgumentError('Give two letters for each, for example ID,SG.')
  return countries
}

interface CreateOptions {
  readonly live: boolean
  readonly countries?: readonly string[]
  readonly brand?: string
  readonly json?: boolean
}

/** The keys that codes are derived from: they live in the settings, and the database knows which it was used with. */
export function addMasterKeyCommands(keys: Command): void {
  keys
    .command('rotate')
    .description('encrypt credentials anew under the first master key of CENTANG_MASTER_KEY')
    .action(() =>
      withStores(async ({ keyring, database }) => {
        const { modules } = await import('../app.ts')
        const unreadable: string[] = []
        for (const { name, rotate } of modules.flatMap(({ sealed = [] }) => sealed)) {
          const outcome = await rotate(database, keyring)
          if (name === 'senders')
            print(
              `${outcome.moved} senders moved to master key ${keyring.currentVersion}. A day from now, when no code and no Idempotency-Key of an older key is alive, it can go.`,
            )
          else if (outcome.moved > 0) print(`${outcome.moved} ${name} moved with them.`)
          if (outcome.unreadable > 0) unreadable.push(`${outcome.unreadable} ${name}`)
        }
        if (unreadable.length > 0)
          throw new Error(
            `${unreadable.join(', ')} could not be read: put the key they were sealed under back into CENTANG_MASTER_KEY, or give them their secrets anew (senders with senders update).`,
          )
      }),
    )
  keys
    .command('forget <version>')
    .description('a master key that is lost: servers start without it, and its senders need their secrets anew')
    .option('--yes', 'without asking', false)
    .action(async (version: string, { yes }: { readonly yes: boolean }) => {
      const question = `Pending codes of master key ${version} die, and its senders need their secrets anew.`
      if (!yes) await askToGoOn(question)
      await withStores(
        async ({ database }) => {
          const { forgetMasterKey } = await import('#platform/keys/key-check.ts')
          if (!/^\d{1,6}$/.test(version) || !(await forgetMasterKey(database, Number(version))))
            throw new Error(`The database knows no master key ${version}.`)
          print(`Master key ${version} is forgotten.`)
        },
        { acceptsAnyMasterKey: true },
      )
    })
}

async function listBusinesses({ businesses }: Stores, json: boolean): Promise<void> {
  const data: object[] = []
  for (let after: string | undefined; ;) {
    const page = await businesses.list({ limit: 100, after })
    for (const { id, name } of page) {
      const applications = await businesses.listApplications(id)
      const ids = applications.map((one) => spellId(accessIds.application, one.id))
      if (json) data.push({ id: spellId(accessIds.business, id), name, application_ids: ids })
      else print([spellId(accessIds.business, id), ...ids, name].join('  '))
    }
    if (page.length < 100) break
    after = page.at(-1)?.id
  }
  if (json) printJson({ data })
}

async function createBusiness(
  { businesses, guardPolicies, now }: Stores,
  name: string,
  { live, brand, countries, json }: CreateOptions,
): Promise<void> {
  for (const [what, text] of [
    ['The name', name],
    ['The brand', brand ?? name],
  ] as const) {
    const problem = problemOfShownText(text, { characters: 100 })
    if (problem !== undefined) throw new Error(`${what} ${problem}.`)
  }
  const made = await businesses.create({ name, brand }, now())
  const owner = { businessId: made.id, applicationId: made.applicationId, live }
  const { key } = await businesses.createKey(owner, now(), { scopes: ['admin'] })
  if (countries) await guardPolicies.nameCountries(owner, countries, now())
  const [id, application] = [spellId(accessIds.business, made.id), spellId(accessIds.application, made.applicationId)]
  // As POST /v1/businesses spells it.
  if (json) return printJson({ id, name, application_id: application, api_key: key })
  print(`business     ${id}\napplication  ${application}\nkey          ${key}\nThe key is shown this once.`)
}

async function createKey(
  stores: Stores,
  business: string,
  application: string,
  { live, countries, json, ...options }: CreateOptions & KeyOptions,
): Promise<void> {
  const { businesses, guardPolicies, now } = stores
  const owner = {
    businessId: await businessOf(stores, business),
    applicationId: uuidOf(accessIds.application, 'an application', application),
    live,
  }
  if (!(await businesses.findApplication(owner.businessId, owner.applicationId)))
    throw new Error(`There is no application ${application} of this business.`)
  const { id, key } = await businesses.createKey(owner, now(), grantOf(options, 'admin'))
  if (countries) await guardPolicies.nameCountries(owner, countries, now())
  if (json) return printJson({ id: spellId(accessIds.apiKey, id), application_id: application, key })
  print(`${key}\nIt is shown this once.`)
}
