import type { Command } from 'commander'
import { spellId } from '#core/access/id.ts'
import { GatewayStore } from '#store/gateways.ts'
import { forgetMasterKey } from '#store/key-check.ts'
import type { Stores } from '../stores.ts'
import { addSenderCommands } from './sender-commands.ts'
import { businessOf, print, uuidOf, withStores } from './with-stores.ts'

/** Everything but `serve`: short commands that open the database, do one thing and close it. */
export function addCommands(program: Command): void {
  program
    .command('migrate')
    .description('bring the database schema up to date')
    .action(() => withStores(async () => print('The schema is up to date.')))

  program
    .command('businesses')
    .description('make businesses')
    .command('create <name>')
    .description('a business with an application and its first key')
    .option('--live', 'a live key instead of a test key', false)
    .option('--brand <brand>', 'name shown in text messages')
    .action((name: string, { live, brand }: { live: boolean; brand?: string }) =>
      withStores((stores) => createBusiness(stores, name, live, brand)),
    )

  const keys = program.command('keys').description('API keys and the master key')
  keys
    .command('create <business> <application>')
    .description('another key for an application')
    .option('--live', 'a live key instead of a test key', false)
    .action((business: string, application: string, { live }: { live: boolean }) =>
      withStores((stores) => createKey(stores, business, application, live)),
    )
  keys
    .command('rotate')
    .description('encrypt credentials anew under the first master key of CENTANG_MASTER_KEY')
    .action(() =>
      withStores(async ({ senders, database, keyring }) => {
        const { moved, unreadable } = await senders.rotate()
        const gateways = await new GatewayStore(database, keyring).rotate()
        print(
          `${moved} senders moved to master key ${keyring.currentVersion}. A day from now, when no code and no Idempotency-Key of an older key is alive, it can go.`,
        )
        if (gateways.moved > 0) print(`${gateways.moved} gateways moved with them.`)
        if (gateways.unreadable > 0)
          throw new Error(
            `${gateways.unreadable} gateways could not be read: put the key they were sealed under back into CENTANG_MASTER_KEY, or remove them and make new ones.`,
          )
        if (unreadable > 0)
          throw new Error(
            `${unreadable} senders could not be read: put the key they were sealed under back into CENTANG_MASTER_KEY, or give them their secrets anew with senders update.`,
          )
      }),
    )
  keys
    .command('forget <version>')
    .description('a master key that is lost: servers start without it, and its senders need their secrets anew')
    .action((version: string) =>
      withStores(
        async ({ database }) => {
          if (!/^\d{1,6}$/.test(version) || !(await forgetMasterKey(database, Number(version))))
            throw new Error(`The database knows no master key ${version}.`)
          print(`Master key ${version} is forgotten.`)
        },
        { acceptsAnyMasterKey: true },
      ),
    )

  addSenderCommands(program)
}

async function createBusiness(
  { businesses, clock }: Stores,
  name: string,
  live: boolean,
  brand: string | undefined,
): Promise<void> {
  const made = await businesses.create({ name, brand }, clock.now())
  const { key } = await businesses.createKey(
    { businessId: made.id, applicationId: made.applicationId, live },
    clock.now(),
  )
  print(
    `business     ${spellId('business', made.id)}\napplication  ${spellId('application', made.applicationId)}\nkey          ${key}\nThe key is shown this once.`,
  )
}

async function createKey(stores: Stores, business: string, application: string, live: boolean): Promise<void> {
  const { businesses, clock } = stores
  const owner = {
    businessId: await businessOf(stores, business),
    applicationId: uuidOf('application', application),
    live,
  }
  if (!(await businesses.findApplication(owner.businessId, owner.applicationId)))
    throw new Error(`There is no application ${application} of this business.`)
  const { key } = await businesses.createKey(owner, clock.now())
  print(`${key}\nIt is shown this once.`)
}
