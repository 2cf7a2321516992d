import type { Command } from 'commander'
import { createProviderHttp } from '#channels/http.ts'
import { providers } from '#channels/registry.ts'
import { invalidFields } from '#channels/validate.ts'
import { type DoctorFacts, examineWhatsApp, type Finding } from '#channels/whatsapp/doctor.ts'
import { createTemplate, type GraphCall, subscribeWebhook } from '#channels/whatsapp/template.ts'
import { type IdKind, readId, spellId } from '#core/access/id.ts'
import type { Sender } from '#core/messaging/channel.ts'
import { readFileSync } from 'node:fs'
import { isDemo, readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { openStores, type Stores } from '../stores.ts'

const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** Everything but `serve`: short commands that open the database, do one thing and close it. */
export function addCommands(program: Command): void {
  program
    .command('migrate')
    .description('bring the database schema up to date')
    .action(() => withStores(async () => print('The schema is up to date.')))

  const businesses = program.command('businesses').description('make businesses')
  businesses
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
      withStores(async ({ businesses: store, clock }) => {
        const owner = {
          businessId: uuidOf('business', business),
          applicationId: uuidOf('application', application),
          live,
        }
        if (!(await store.findApplication(owner.businessId, owner.applicationId)))
          throw new Error('There is no such application.')
        const { key } = await store.createKey(owner, clock.now())
        print(`${key}\nIt is shown this once.`)
      }),
    )
  keys
    .command('rotate')
    .description('encrypt credentials anew under the highest master key of CENTANG_MASTER_KEY')
    .action(() =>
      withStores(async ({ senders, keyring }) => {
        const count = await senders.rotate()
        print(
          `${count} senders moved to master key ${keyring.currentVersion}. Codes sent under an older key are valid until they expire; ten minutes from now the older key can go.`,
        )
      }),
    )

  addSenderCommands(program)
}

function addSenderCommands(program: Command): void {
  const senders = program.command('senders').description('numbers and sender ids')
  senders
    .command('add <business> <file>')
    .description('a live sender from a JSON file {provider, config, secrets}')
    .action((business: string, file: string) =>
      withStores((stores) => addSender(stores, uuidOf('business', business), file)),
    )
  senders
    .command('update <sender> <file>')
    .description('new config or secrets from a JSON file')
    .action((spelled: string, file: string) =>
      withStores(async (stores) => {
        const sender = await findSender(stores, spelled)
        const changes = JSON.parse(readFileSync(file, 'utf8')) as Partial<Pick<Sender, 'config' | 'secrets'>>
        await failOnInvalid({ ...sender, ...changes })
        await stores.senders.change(sender.businessId, sender.id, changes)
        print('Updated. Running servers notice within five seconds.')
      }),
    )
  senders
    .command('list <business>')
    .description('senders of a business; secrets are never shown')
    .action((business: string) =>
      withStores(async (stores) => {
        for (const sender of await stores.senders.list(uuidOf('business', business))) print(describe(sender))
      }),
    )
  senders
    .command('show <sender>')
    .description('where its webhooks go, with the verify token to enter at Meta')
    .action((spelled: string) =>
      withStores(async (stores) => {
        const sender = await findSender(stores, spelled)
        print(
          `${describe(sender)}\nwebhook       ${webhookUrl(sender)}\nverify token  ${sender.secrets['verify_token'] ?? '–'}`,
        )
      }),
    )
  senders
    .command('subscribe <sender>')
    .description("point Meta's webhooks at this server")
    .action((spelled: string) =>
      withStores(async (stores) => {
        const sender = await findSender(stores, spelled)
        await withGraph(sender, (call) => subscribeWebhook(sender, call, webhookUrl(sender)))
        print(`Meta sends receipts to ${webhookUrl(sender)}`)
      }),
    )
  program
    .command('templates <sender>')
    .description('create or update the authentication template of a WhatsApp sender')
    .option('--expires-in <seconds>', 'lifetime of its codes', '300')
    .action((spelled: string, { expiresIn }: { expiresIn: string }) =>
      withStores(async (stores) => {
        const sender = await findSender(stores, spelled)
        for (const line of await withGraph(sender, (call) => createTemplate(sender, call, Number(expiresIn))))
          print(line)
      }),
    )
  program
    .command('doctor <sender>')
    .description('examine a WhatsApp set-up and say how to mend what is wrong')
    .action((spelled: string) => withStores((stores) => doctor(stores, spelled)))
}

async function withStores(work: (stores: Stores) => Promise<void>): Promise<void> {
  const config = readConfig(process.env)
  const stores = await openStores({ config, isDemo: isDemo(config, process.env), log: createLog('warn') })
  try {
    await work(stores)
  } finally {
    await stores.close()
  }
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

async function addSender({ senders, clock }: Stores, businessId: string, file: string): Promise<void> {
  const { provider = '', config = {}, secrets = {} } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Sender>
  const channel = providers[provider]?.channel ?? 'whatsapp'
  const wanted = { businessId, live: true, channel, provider, purpose: 'authentication', config, secrets } as const
  await failOnInvalid(wanted)
  const sender = await senders.create(wanted, clock.now())
  print(`${describe(sender)}\nwebhook  ${webhookUrl(sender)}`)
}

async function failOnInvalid(sender: Omit<Sender, 'id'>): Promise<void> {
  const errors = await invalidFields(sender)
  if (errors.length > 0)
    throw new Error(`The file can't be used:\n${errors.map(({ path, problem }) => `  ${path} ${problem}`).join('\n')}`)
}

async function doctor(stores: Stores, spelled: string): Promise<void> {
  const sender = await findSender(stores, spelled)
  const applications = await stores.businesses.listApplications(sender.businessId)
  const facts: DoctorFacts = {
    webhookUrl: webhookUrl(sender),
    expiresInSeconds: Math.min(...applications.map(({ policy }) => policy.expiresInSeconds)),
    now: stores.clock.now(),
  }
  const findings = await withGraph(sender, (call) => examineWhatsApp(sender, call, facts))
  for (const line of findings.flatMap(spellFinding)) print(line)
  if (findings.some(({ state }) => state === 'problem')) process.exitCode = 1
}

const marks = { ok: '✓', warning: '!', problem: '✗' } as const

const spellFinding = ({ check, state, detail, mend }: Finding): string[] => [
  `${marks[state]} ${check}: ${detail}`,
  ...(mend === undefined ? [] : [`    → ${mend}`]),
]

async function withGraph<Result>(sender: Sender, work: (call: GraphCall) => Promise<Result>): Promise<Result> {
  const provider = providers[sender.provider]
  if (provider?.id !== 'whatsapp-cloud-api')
    throw new Error(`This is for senders of whatsapp-cloud-api, not of ${sender.provider}.`)
  const { providerHosts, simulatorUrl } = readConfig(process.env)
  // A test sender lives at the simulator, wherever its own settings say that is.
  const simulator = simulatorUrl ?? (sender.config['base_url'] as string | undefined) ?? ''
  const http = createProviderHttp({
    allowedHosts: providerHosts,
    simulatorOrigin: () => (sender.live ? undefined : new URL(simulator).origin),
  })
  try {
    return await work((wanted) => http.exchange(provider, wanted, sender))
  } finally {
    await http.close()
  }
}

async function findSender({ senders }: Stores, spelled: string): Promise<Sender> {
  const sender = await senders.find(uuidOf('sender', spelled))
  if (!sender) throw new Error(`There is no sender ${spelled}.`)
  return sender
}

function uuidOf(kind: IdKind, spelled: string): string {
  const id = readId(kind, spelled)
  if (id === undefined) throw new Error(`${spelled} is not the id of a ${kind}.`)
  return id
}

const describe = (sender: Sender): string =>
  `${spellId('sender', sender.id)}  ${sender.live ? 'live' : 'test'}  ${sender.channel}  ${sender.provider}`

function webhookUrl(sender: Sender): string {
  const { publicUrl, port } = readConfig(process.env)
  return `${publicUrl ?? `http://127.0.0.1:${port}`}/webhooks/${spellId('sender', sender.id)}`
}
