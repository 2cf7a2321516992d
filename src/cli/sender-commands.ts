import type { Command } from 'commander'
import { providers } from '#channels/registry.ts'
import { invalidFields } from '#channels/validate.ts'
import type { Finding } from '#channels/whatsapp/doctor/finding.ts'
import { examineWhatsApp } from '#channels/whatsapp/doctor.ts'
import { createTemplates, listTemplates, subscribeWebhook } from '#channels/whatsapp/template.ts'
import { spellId } from '#core/access/id.ts'
import type { Sender } from '#core/messaging/channel.ts'
import type { KeptSender } from '#store/senders.ts'
import type { Stores } from '../stores.ts'
import { jsonOption } from './api.ts'
import { askUrl, webhookUrlOf, withGraph } from './graph.ts'
import { readSenderFile } from './sender-file.ts'
import { print, printJson, table } from './terminal.ts'
import { businessOf, uuidOf, withStores } from './with-stores.ts'

/** Numbers and sender ids: adding them, and setting up and examining what is behind them at the provider. */
export function addSenderCommands(program: Command): void {
  const senders = program.command('senders').description('numbers and sender ids')
  senders
    .command('add <business> <file>')
    .description('a live sender from a JSON file {provider, config, secrets}')
    .addOption(jsonOption())
    .action((business: string, file: string, { json }: JsonChoice) =>
      withStores((stores) => addSender(stores, business, file, json)),
    )
  senders
    .command('update <sender> <file>')
    .description('new config or secrets from a JSON file; each replaces the old one as a whole')
    .addOption(jsonOption())
    .action((spelled: string, file: string, { json }: JsonChoice) =>
      withStores((stores) => updateSender(stores, spelled, file, json)),
    )
  senders
    .command('list <business>')
    .description('senders of a business; secrets are never shown')
    .addOption(jsonOption())
    .action((business: string, { json }: JsonChoice) =>
      withStores(async (stores) => {
        const found = await stores.senders.list(await businessOf(stores, business))
        if (json) return printJson({ data: found.map(represent) })
        for (const sender of found) print(describe(sender))
      }),
    )
  senders
    .command('show <sender>')
    .description('where its webhooks go, with the verify token to enter at Meta')
    .addOption(jsonOption())
    .action((spelled: string, { json }: JsonChoice) =>
      withStores(async (stores) => {
        const sender = await findSender(stores, spelled)
        const { verify_token: token = '–' } = sender.secrets
        if (json) return printJson({ ...represent(sender), verify_token: sender.secrets['verify_token'] ?? null })
        print(`${describe(sender)}\nwebhook       ${webhookUrlOf(sender)}\nverify token  ${token}`)
      }),
    )
  senders
    .command('subscribe <sender>')
    .description("point Meta's webhooks at this server")
    .action((spelled: string) =>
      withStores(async (stores) => {
        const sender = await findSender(stores, spelled)
        await withGraph(sender, (call) => subscribeWebhook(sender, call, webhookUrlOf(sender)))
        print(`Meta sends receipts to ${webhookUrlOf(sender)}`)
      }),
    )
  addTemplateCommands(program)
  program
    .command('doctor <sender>')
    .description('examine a WhatsApp set-up and say how to mend what is wrong')
    .addOption(jsonOption())
    .action((spelled: string, { json }: JsonChoice) => withStores((stores) => doctor(stores, spelled, json)))
}

interface JsonChoice {
  readonly json?: boolean
}

function addTemplateCommands(program: Command): void {
  const templates = program.command('templates').description('message templates of a WhatsApp sender, at Meta')
  templates
    .command('create <sender>', { isDefault: true })
    .description('create or update the authentication templates')
    .addOption(jsonOption())
    .action((spelled: string, { json }: JsonChoice) =>
      withStores(async (stores) => {
        const sender = await findSender(stores, spelled)
        const told = await withGraph(sender, (call) => createTemplates(sender, call))
        if (json) return printJson({ data: told })
        for (const line of told) print(line)
      }),
    )
  templates
    .command('list <sender>')
    .description('every template of the account, with what Meta thinks of it')
    .addOption(jsonOption())
    .action((spelled: string, { json }: JsonChoice) =>
      withStores(async (stores) => {
        const sender = await findSender(stores, spelled)
        const found = await withGraph(sender, (call) => listTemplates(sender, call))
        if (json) return printJson({ data: found })
        for (const line of table(found.map((one) => [one.name, one.language, one.category, one.status]))) print(line)
      }),
    )
}

async function addSender(stores: Stores, business: string, file: string, json = false): Promise<void> {
  const { senders, clock } = stores
  const businessId = await businessOf(stores, business)
  const { provider = '', config = {}, secrets = {} } = readSenderFile(file) as Partial<Sender>
  // An unknown provider is reported as that, whatever channel it would have.
  const channel = Object.hasOwn(providers, provider) ? (providers[provider]?.channel ?? 'whatsapp') : 'whatsapp'
  const wanted = { businessId, live: true, channel, provider, purpose: 'authentication', config, secrets } as const
  await failOnInvalid(wanted)
  const sender = await senders.create(wanted, clock.now())
  if (json) printJson(represent(sender))
  else print(`${describe(sender)}\nwebhook  ${webhookUrlOf(sender)}`)
}

async function updateSender(stores: Stores, spelled: string, file: string, json = false): Promise<void> {
  const sender = await findAnySender(stores, spelled)
  const { provider = sender.provider, ...changes } = readSenderFile(file) as Partial<Sender>
  if (provider !== sender.provider)
    throw new Error(`This sender is of ${sender.provider}; add another for ${provider}.`)
  await failOnInvalid({ ...sender, ...changes })
  await stores.senders.change(sender.businessId, sender.id, changes)
  if (json) printJson(represent({ ...sender, ...changes }))
  else print('Updated. Running servers notice within five seconds.')
}

async function failOnInvalid(sender: Omit<Sender, 'id'>): Promise<void> {
  const errors = await invalidFields(sender)
  if (errors.length > 0)
    throw new Error(`The file can't be used:\n${errors.map(({ path, problem }) => `  ${path} ${problem}`).join('\n')}`)
}

async function doctor(stores: Stores, spelled: string, json = false): Promise<void> {
  const sender = await findSender(stores, spelled)
  const applications = await stores.businesses.listApplications(sender.businessId)
  const findings = await withGraph(sender, (call) =>
    examineWhatsApp(sender, call, {
      webhookUrl: webhookUrlOf(sender),
      ask: askUrl,
      expiresInSeconds: Math.min(...applications.map(({ policy }) => policy.expiresInSeconds)),
      now: stores.clock.now(),
    }),
  )
  if (json) printJson({ data: findings })
  else for (const line of findings.flatMap(spellFinding)) print(line)
  if (findings.some(({ state }) => state === 'problem')) process.exitCode = 1
}

const marks = { ok: '✓', warning: '!', problem: '✗' } as const

const spellFinding = ({ check, state, detail, mend }: Finding): string[] => [
  `${marks[state]} ${check}: ${detail}`,
  ...(mend === undefined ? [] : [`    → ${mend}`]),
]

async function findSender(stores: Stores, spelled: string): Promise<Sender> {
  const sender = await findAnySender(stores, spelled)
  if (!sender.isReadable)
    throw new Error(
      `The credentials of ${spelled} can't be read with this CENTANG_MASTER_KEY. Put its key back, or give them anew: senders update ${spelled} <file>`,
    )
  return sender
}

async function findAnySender({ senders }: Stores, spelled: string): Promise<KeptSender> {
  const sender = await senders.find(uuidOf('sender', spelled))
  if (!sender) throw new Error(`There is no sender ${spelled}.`)
  return sender
}

/** As the API spells it: credentials go in and never come out. */
const represent = ({ id, live, channel, provider, purpose, config }: Sender) => ({
  id: spellId('sender', id),
  mode: live ? 'live' : 'test',
  channel,
  provider,
  purpose,
  config,
  webhook_url: webhookUrlOf({ id }),
})

const describe = (sender: Sender & { readonly isReadable?: boolean }): string =>
  `${spellId('sender', sender.id)}  ${sender.live ? 'live' : 'test'}  ${sender.channel}  ${sender.provider}` +
  (sender.isReadable === false ? "  (its credentials can't be read with this CENTANG_MASTER_KEY)" : '')
