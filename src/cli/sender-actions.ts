import { messagingIds } from '#messaging/core/ids.ts'
import { providers } from '#messaging/providers/registry.ts'
import { invalidFields } from '#messaging/providers/validate.ts'
import { spellId } from '#platform/core/id.ts'
import { reasonText } from '#messaging/core/reasons.ts'
import { readRecipient } from '#platform/http/recipient.ts'
import { type Finding, problem } from '#messaging/core/finding.ts'
import type { ByHand, ProviderTemplates } from '#messaging/core/provider-account.ts'
import type { SenderNotice } from '#messaging/core/notice.ts'
import { channels } from '#platform/core/channel.ts'
import type { Call } from '#messaging/core/provider-call.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { KeptSender } from '#messaging/store/senders.ts'
import type { Stores } from './stores.ts'
import { askUrl, providerOf, Unreached, webhookUrlOf, withCall } from './provider-call.ts'
import { readSenderFile } from './sender-file.ts'
import { usageError } from './exit.ts'
import { print, printJson, table } from './terminal.ts'
import { businessOf, uuidOf } from './with-stores.ts'

export async function listSenders(stores: Stores, business: string, json: boolean): Promise<void> {
  const businessId = await businessOf(stores, business)
  const found = await stores.senders.list(businessId)
  const notices = await stores.notices.list(businessId)
  if (json) return printJson({ data: found.map((sender) => represent(sender, notices.get(sender.id))) })
  for (const sender of found) {
    print(describe(sender))
    for (const line of linesOf(notices.get(sender.id)?.filter(({ state }) => state !== 'ok'))) print(`  ${line}`)
  }
}

export async function showSender(stores: Stores, spelled: string, json: boolean): Promise<void> {
  const sender = await findSender(stores, spelled)
  const fields = providers.get(sender.provider)?.webhookFields?.(sender) ?? {}
  const notices = (await stores.notices.list(sender.businessId)).get(sender.id)
  if (json) return printJson({ ...represent(sender, notices), ...fields })
  print(describe(sender))
  const lines = Object.entries({ webhook: webhookUrlOf(sender), ...fields })
  for (const line of table(lines.map(([name, value]) => [name.replaceAll('_', ' '), value]))) print(line)
  for (const line of linesOf(notices)) print(line)
}

/** What the provider told of it and what its messages fail by, with what to do. */
const linesOf = (notices: readonly SenderNotice[] = []): string[] =>
  notices.map(
    ({ at, state, check, detail, mend }) =>
      `${at.toISOString().slice(0, 16)}Z  ${state}  ${check}: ${detail}${mend === undefined ? '' : ` ${mend}`}`,
  )

export async function subscribeWebhook(stores: Stores, spelled: string): Promise<void> {
  const sender = await findSender(stores, spelled)
  const provider = providerOf(sender)
  const url = webhookUrlOf(sender)
  await withCall(sender, async (call) => {
    if (!provider.subscribe) throw new Error(`${cannot(sender)} be subscribed from here: enter ${url} at the vendor.`)
    await provider.subscribe(sender, call, url)
  })
  print(`${provider.vendor} sends receipts to ${url}`)
}

export async function createTemplates(stores: Stores, spelled: string, json: boolean): Promise<void> {
  const sender = await findSender(stores, spelled)
  const told = await withCall(sender, (call) => templatesOf(sender).create(sender, call))
  if (json) return printJson({ data: told })
  for (const line of told) print(line)
}

export async function listTemplates(stores: Stores, spelled: string, json: boolean): Promise<void> {
  const sender = await findSender(stores, spelled)
  const found = await withCall(sender, (call) => templatesOf(sender).list(sender, call))
  if (json) return printJson({ data: found })
  for (const line of table(found.map((one) => [one.name, one.language, one.category, one.status]))) print(line)
}

export async function addSender(stores: Stores, business: string, file: string, json: boolean): Promise<void> {
  const { senders, now } = stores
  const businessId = await businessOf(stores, business)
  const { provider = '', config = {}, secrets = {} } = readSenderFile(file) as Partial<Sender>
  // An unknown provider is reported as that, whatever channel it would have.
  const channel = providers.get(provider)?.channel ?? channels[0]
  const wanted = { businessId, live: true, channel, provider, purpose: 'authentication', config, secrets } as const
  await failOnInvalid(wanted)
  const sender = await senders.create(wanted, now())
  if (json) printJson(represent(sender))
  else print(`${describe(sender)}\nwebhook  ${webhookUrlOf(sender)}`)
}

export async function updateSender(stores: Stores, spelled: string, file: string, json: boolean): Promise<void> {
  const sender = await findAnySender(stores, spelled)
  const { provider = sender.provider, ...changes } = readSenderFile(file) as Partial<Sender>
  if (provider !== sender.provider)
    throw usageError(`This sender is of ${sender.provider}; add another for ${provider}.`)
  await failOnInvalid({ ...sender, ...changes })
  await stores.senders.change(sender.businessId, sender.id, changes, stores.now())
  if (json) printJson(represent({ ...sender, ...changes }))
  else print('Updated. Running servers notice within five seconds.')
}

export async function removeSender(stores: Stores, spelled: string, json: boolean): Promise<void> {
  const { businessId, id } = await findAnySender(stores, spelled)
  await stores.senders.disable(businessId, id, stores.now())
  if (json) printJson({ id: spelled, removed: true })
  else print('Removed. Running servers notice within five seconds.')
}

/** Past the guard and the log: it is the operator's own phone. */
export async function testSender(stores: Stores, spelled: string, to: string, json: boolean): Promise<void> {
  const sender = await findSender(stores, spelled)
  const provider = providerOf(sender)
  const message = {
    reference: `0.${Date.now().toString(16)}`,
    to: readRecipient(to),
    code: '000000',
    locale: 'en',
    brand: 'Test',
    expiresInSeconds: 300,
  }
  const result = await withCall(sender, async (call) => {
    const { status, body } = await call(provider.toRequest(message, sender))
    return provider.toResult(status, body, sender)
  })
  if (json) printJson(result)
  else if (result.outcome === 'accepted')
    print(`Accepted as ${result.providerMessageId}. Its code, 000000, opens nothing.`)
  else if (result.outcome === 'unknown') print(`Nobody knows: ${result.detail}`)
  else
    print(
      `${result.outcome === 'deferred' ? 'Not now' : 'Refused'}: ${reasonText(result.failure.reason)} ${result.failure.detail} (${result.failure.providerCode})`,
    )
  if (result.outcome !== 'accepted') process.exitCode = 1
}

async function failOnInvalid(sender: Omit<Sender, 'id'>): Promise<void> {
  const errors = await invalidFields(sender)
  if (errors.length > 0)
    throw usageError(`The file can't be used:\n${errors.map(({ path, problem }) => `  ${path} ${problem}`).join('\n')}`)
}

export async function doctor(stores: Stores, spelled: string, json: boolean): Promise<void> {
  const sender = await findSender(stores, spelled)
  const provider = providerOf(sender)
  const findings = await examined(stores, sender)
  const isAway = findings.some(({ check }) => check === 'network')
  // What could not be looked at is looked at by a person.
  const byHand = provider.examine && !isAway ? [] : provider.byHand(webhookUrlOf(sender))
  if (json) printJson({ data: findings, by_hand: byHand })
  else for (const line of [...findings.flatMap(spellFinding), ...spellByHand(sender, byHand)]) print(line)
  if (findings.some(({ state }) => state === 'problem')) process.exitCode = 1
}

async function examined(stores: Stores, sender: Sender): Promise<readonly Finding[]> {
  const provider = providerOf(sender)
  const applications = await stores.businesses.listApplications(sender.businessId)
  try {
    const examining = (call: Call) =>
      provider.examine?.(sender, {
        call,
        webhookUrl: webhookUrlOf(sender),
        ask: askUrl,
        expiresInSeconds: Math.min(...applications.map(({ policy }) => policy.expiresInSeconds)),
        now: stores.now(),
      }) ?? Promise.resolve([])
    return await withCall(sender, examining)
  } catch (error) {
    if (!(error instanceof Unreached)) throw error
    return [
      problem(
        'network',
        `${provider.vendor} can't be reached from here: ${error.message}.`,
        'Look at the first line below, then run this again.',
      ),
    ]
  }
}

const spellByHand = ({ provider }: Sender, byHand: readonly ByHand[]): string[] =>
  byHand.length === 0
    ? []
    : [
        `What a person looks at, since ${provider} can't be examined from here:`,
        ...byHand.map(({ check, what }) => `– ${check}: ${what}`),
      ]

function templatesOf(sender: Sender): ProviderTemplates {
  const { templates } = providerOf(sender)
  if (!templates) throw new Error(`Senders of ${sender.provider} have no templates.`)
  return templates
}

const cannot = ({ provider }: Sender): string => `Senders of ${provider} cannot`

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
  const sender = await senders.find(uuidOf(messagingIds.sender, 'a sender', spelled))
  if (!sender) throw new Error(`There is no sender ${spelled}.`)
  return sender
}

/** As the API spells it: credentials go in and never come out. */
const represent = (
  { id, live, channel, provider, purpose, config }: Sender,
  notices: readonly SenderNotice[] = [],
) => ({
  id: spellId(messagingIds.sender, id),
  mode: live ? 'live' : 'test',
  channel,
  provider,
  purpose,
  config,
  webhook_url: webhookUrlOf({ id }),
  notices: notices.map((notice) => ({ ...notice, mend: notice.mend ?? null, at: notice.at.toISOString() })),
})

const describe = (sender: Sender & { readonly isReadable?: boolean }): string =>
  `${spellId(messagingIds.sender, sender.id)}  ${sender.live ? 'live' : 'test'}  ${sender.channel}  ${sender.provider}` +
  (sender.isReadable === false ? "  (its credentials can't be read with this CENTANG_MASTER_KEY)" : '')
