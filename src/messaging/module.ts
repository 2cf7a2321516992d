import type { AccessPort } from '#access/port.ts'
import { spellId } from '#platform/core/id.ts'
import { dayMs } from '#platform/core/kept.ts'
import { forgetOld } from '#platform/database/forget-old.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { Module, ModuleFacts } from '#platform/module.ts'
import type { Platform } from '#platform/open-platform.ts'
import { letAllLeave, type MayLeave } from './core/may-leave.ts'
import type { ChatMessage } from '#messaging/core/chat.ts'
import type { NewsListener } from '#messaging/core/news.ts'
import type { ProviderRequest } from '#messaging/core/provider-call.ts'
import type { CodeMessage, Send } from '#messaging/core/send.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { carriesChats } from './core/provider.ts'
import type { SimulatedWorld } from './core/simulated.ts'
import { messagingPermissions } from './core/permissions.ts'
import { messagingIds } from './core/ids.ts'
import { messagingRefusals } from './core/refusals.ts'
import type { Chat } from './flows/chat.ts'
import { type IdentityTakes, keepIdentities, sendToKnownAccount } from './flows/identity.ts'
import { createKeepOwnNumber } from './flows/own-number.ts'
import { receiveChat } from './flows/receive-chat.ts'
import { createSenderAlerts } from './flows/sender-alerts.ts'
import { type Fault, type NewsTakes, takeNews } from './flows/take-news.ts'
import { countNewsFailures, countSenderAlerts, measureSends } from './metrics.ts'
import { messageSubject } from './http/event-subject.ts'
import { messageRoutes } from './http/messages.ts'
import { callbackRoutes } from './http/receive.ts'
import { senderSubject } from './http/sender-event-subject.ts'
import { senderRoutes } from './http/senders.ts'
import { createProviderHttp, type ProviderHttp } from './providers/http.ts'
import { providers } from './providers/registry.ts'
import { invalidFields } from './providers/validate.ts'
import { CachedSenderStore } from './store/cached-senders.ts'
import { IdentityKeyStore } from './store/identity-keys.ts'
import { MessageStore } from './store/messages.ts'
import { NoticeStore } from './store/notices.ts'
import { personalMessages } from './store/personal-messages.ts'
import { SenderStore } from './store/senders.ts'
import { messageFactsReader, senderFactsReader } from './store/subject-facts.ts'

export const messagingFacts = {
  name: 'messaging',
  permissions: messagingPermissions,
  refusals: messagingRefusals,
  ids: messagingIds,
  sealed: [
    { name: 'senders', rotate: (database, keyring) => new SenderStore(database, keyring, () => undefined).rotate() },
  ],
  events: { message: messageSubject, sender: senderSubject },
  personal: [personalMessages],
} as const satisfies ModuleFacts

export interface MessagingOptions {
  readonly access: AccessPort
  /** Hosts that live senders may call besides the vendors' own. */
  readonly providerHosts: readonly string[]
  readonly keepMessagesDays: number
  /** Other modules that providers' news may be about. */
  readonly listeners: () => readonly NewsListener[]
  /** Asked before each message leaves. */
  readonly mayLeave?: MayLeave
}

export type MessagingPort = ReturnType<typeof openMessaging>['port']

/** Senders and their providers, messages of chats, and what providers tell of both. */
export function openMessaging(
  platform: Platform,
  { providerHosts, keepMessagesDays, listeners, mayLeave = letAllLeave }: MessagingOptions,
) {
  const { database, keyring, now, newId, addresses, idempotent, metrics } = platform
  const senders = new CachedSenderStore(database, keyring, (id, error) => tellUnreadable(platform, id, error))
  const http = createProviderHttp({
    allowedHosts: providerHosts,
    simulatorOrigin: () => originOf(addresses.simulator()),
    ownOrigin: () => originOf(platform.config.publicUrl),
  })
  const notices = new NoticeStore(database)
  const alerts = openAlerts(platform, notices)
  const measured = measureSends(metrics.registry)
  const identityKeys = new IdentityKeyStore(database)
  const identity: IdentityTakes = { isWanted: wantsIdentity, keys: identityKeys }
  const watched = <Message extends CodeMessage | ChatMessage>(send: Send<Message>): Send<Message> =>
    alerts.watchSend(measured(sendToKnownAccount(identity, send)))
  const messages = new MessageStore(database)
  const chat: Chat = {
    now,
    newId,
    listSenders: (businessId) => senders.usableBy(businessId),
    carriesChats: (sender) => carriesChats(providers.get(sender.provider)),
    messages,
    mayLeave,
    send: watched((message, sender) => http.sendChat(providerOf(sender), message, sender)),
  }
  const own: readonly NewsListener[] = [
    alerts.takeNews,
    keepIdentities.bind(undefined, identity),
    createKeepOwnNumber((sender, number) => senders.keepOwnNumber(sender, number)),
    receiveChat.bind(undefined, { messages, now }),
  ]
  const port = {
    senders,
    listSenders: chat.listSenders,
    send: watched<Parameters<typeof http.send>[1]>((message, sender) => http.send(providerOf(sender), message, sender)),
    ...accountsOf(http),
    listSimulated,
  }
  return {
    name: messagingFacts.name,
    port,
    async routes(app) {
      const { readIdempotency, answerOnce } = idempotent
      const publicUrl = addresses.public
      await app.register(
        senderRoutes({ senders, notices, identity: identityKeys, invalidFields, answerOnce, publicUrl, now }),
        { prefix: '/v1' },
      )
      await app.register(messageRoutes({ chat, readIdempotency, answerOnce }), { prefix: '/v1' })
      const takes = { listeners: () => [...own, ...listeners()], yieldToOthers, ...tellFailures(platform) }
      await app.register(
        callbackRoutes({
          now,
          findSender: senders.usable.bind(senders),
          listSiblings: (sender) => listSiblings(senders, sender),
          providerOf,
          takeNews: takeNews.bind(undefined, takes),
        }),
      )
    },
    keeps: [{ name: 'messages', keptForMs: keepMessagesDays * dayMs, forget: forgetOld(platform.database, 'message') }],
    readFacts: { message: messageFactsReader(database), sender: senderFactsReader(database) },
    stop: () => http.close(),
  } satisfies Module & { readonly port: object }
}

const wantsIdentity = (sender: Sender): boolean => providers.get(sender.provider)?.wantsIdentity?.(sender) === true

/** Never another business's: that a number is theirs is what a sender's settings say, and nobody has proven it. */
const listSiblings = async (senders: CachedSenderStore, { id, businessId, live, provider }: Sender) =>
  (await senders.usableBy(businessId)).filter(
    (one) => one.id !== id && one.businessId === businessId && one.live === live && one.provider === provider,
  )

/** What is asked of a sender's account, for setting it up and looking at it. */
const accountsOf = (http: ProviderHttp) => ({
  /** One call to a sender's provider, for setting up and examining it. */
  exchange: (wanted: ProviderRequest, sender: Sender) => http.exchange(providerOf(sender), wanted, sender),
  /** Those that lie at a sender's vendor; none where the vendor has none. */
  listTemplates: async (sender: Sender) =>
    (await providerOf(sender).templates?.list(sender, (wanted) => http.exchange(providerOf(sender), wanted, sender))) ??
    [],
  /** Name of the template that a code goes by when it lives so long. */
  templateUsedFor: (sender: Sender, expiresInSeconds: number) =>
    providerOf(sender).templates?.usedFor(sender, expiresInSeconds),
})

const openAlerts = ({ log, metrics }: Platform, notices: NoticeStore) =>
  createSenderAlerts({
    log,
    keepNotice: notices.keep.bind(notices),
    count: countSenderAlerts(metrics.registry),
    canExamine: (sender) => providers.get(sender.provider)?.examine !== undefined,
    now: Date.now,
  })

/** What each provider wants in the simulated world. */
const listSimulated = (world: SimulatedWorld) =>
  [...providers.values()].flatMap((provider) =>
    (provider.simulated?.(world) ?? []).map((one) => ({ ...one, channel: provider.channel, provider: provider.id })),
  )

/** A turn of the event loop: requests that have come meanwhile are read. */
const yieldToOthers = (): Promise<void> => new Promise((done) => setImmediate(done))

function tellFailures({ log, metrics }: Platform): Pick<NewsTakes, 'onLost' | 'onFault'> {
  const count = countNewsFailures(metrics.registry)
  const senderOf = ({ id }: Sender): string => spellId(messagingIds.sender, id)
  return {
    onLost(sender, item, error) {
      count(sender, item, 'lost')
      const fields = { sender: senderOf(sender), item: item.kind, err: error }
      log.error(fields, 'something that a provider told can never be kept')
    },
    onFault(sender, faults) {
      for (const { item } of faults) count(sender, item, 'fault')
      const [{ item, error }] = faults as [Fault]
      const fields = { sender: senderOf(sender), items: faults.length, item: item.kind, err: error }
      log.error(fields, 'a fault of the server keeps out what a provider told: it comes again until that is mended')
    },
  }
}

const originOf = (url: string | undefined): string | undefined => (url === undefined ? undefined : new URL(url).origin)

function providerOf(sender: Sender) {
  const provider = providers.get(sender.provider)
  if (!provider) throw new Refusal(platformRefusals.internal, { detail: `There is no provider ${sender.provider}.` })
  return provider
}

const tellUnreadable = ({ log }: Pick<Platform, 'log'>, id: string, error: unknown): void =>
  log.error(
    { sender: spellId(messagingIds.sender, id), reason: error instanceof Error ? error.message : String(error) },
    "the credentials of a sender can't be read with this CENTANG_MASTER_KEY: it is not used",
  )
