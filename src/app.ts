import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createProviderHttp, type ProviderHttp } from './messaging/providers/http.ts'
import { providers } from './messaging/providers/registry.ts'
import { invalidFields } from './messaging/providers/validate.ts'
import { isSameSecret } from './messaging/providers/vendor-text.ts'
import { writeWebhook } from './webhooks/formats/write.ts'
import { createWebhookHttp } from './platform/net/webhook-http.ts'
import { judgeWebhookUrl } from './platform/net/webhook-url.ts'
import { spellId } from './platform/core/id.ts'
import type { Send, Sender } from './messaging/core/channel.ts'
import { Refusal } from './platform/core/refusal.ts'
import { deliverWebhooks, type WebhookDelivering } from './webhooks/flows/deliver-webhooks.ts'
import { createPerformer } from './verification/flows/perform.ts'
import type { World } from './verification/flows/ports.ts'
import { type DueWatch, watchDue } from './verification/flows/watch-due.ts'
import type { Context, Readiness } from './platform/http/context.ts'
import { consolePages } from './platform/http/console.ts'
import { createServer } from './platform/http/server.ts'
import { createSimulator, type Simulator } from '#simulator/simulator.ts'
import type { Database } from './platform/database/database.ts'
import { createEngine } from './verification/store/engine.ts'
import { EventStore } from './platform/events/event-store.ts'
import { GatewayStore } from './gateways/store/gateways.ts'
import { IdempotencyStore } from './platform/http/idempotency-store.ts'
import { uuidv7 } from './platform/database/uuidv7.ts'
import type { Keyring } from './platform/keys/keyring.ts'
import { RateLimitStore } from './compat/twilio/store/rate-limits.ts'
import { latestMigration } from './platform/database/migrate.ts'
import { PublicKeyStore } from './compat/vonage/store/public-keys.ts'
import { VerificationNumberStore } from './compat/message-central/store/verification-numbers.ts'
import { TotpStore } from './totp/store/totp.ts'
import { MessagingConfigurationStore } from './compat/twilio/store/messaging-configurations.ts'
import { SafeNumberStore } from './compat/twilio/store/safe-numbers.ts'
import { approveByBusiness } from './verification/store/statements/approve.ts'
import { TotpSettingsStore } from './totp/store/totp-settings.ts'
import { MessageStore } from './messaging/store/messages.ts'
import { VerificationStore } from './verification/store/verifications.ts'
import { WebhookDeliveryStore } from './webhooks/store/webhook-deliveries.ts'
import { WebhookStore } from './webhooks/store/webhooks.ts'
import type { FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'
import type { Config } from './platform/config.ts'
import { cachedGateways, cachedPublicKeys, createCaches, forgetting, forgettingSenders } from './access/store/caches.ts'
import { demo, seedDemo } from './demo/demo.ts'
import { createMetrics } from './platform/metrics.ts'
import { createPreSend } from './verification/flows/ask-before-send.ts'
import { createSenderAlerts } from './messaging/flows/sender-alerts.ts'
import { connectSimulator, type SimulatorFacts } from './demo/simulated-world.ts'
import { openStores, type StoreOptions } from './cli/stores.ts'

export interface App {
  /** Where it listens. */
  readonly url: string
  readonly demoKey: string | undefined
  readonly hasPhone: boolean
  /** The simulated world, when it is mounted here. */
  readonly simulator: Simulator | undefined
  /** Drains, then closes everything in the order of who needs whom. */
  stop(drainMs?: number): Promise<void>
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

export async function startApp(options: StoreOptions): Promise<App> {
  const { config, isDemo, log } = options
  const stores = await openStores(options)
  const { database, clock, keyring, businesses, senders } = stores
  const { now } = clock
  const key = stores.demoKey
  const isSimulated = config.simulator === 'on' || (config.simulator === 'auto' && isDemo)
  const simulator = isSimulated && config.simulatorUrl === undefined ? mountableSimulator(keyring) : undefined
  const metrics = createMetrics()
  const alerts = createSenderAlerts(log, metrics.registry)
  let url: string | undefined
  let simulatorUrl: string | undefined
  let state: 'starting' | 'ready' | 'draining' = 'starting'

  const providerHttp = createProviderHttp({
    allowedHosts: config.providerHosts,
    simulatorOrigin: () => (simulatorUrl === undefined ? undefined : new URL(simulatorUrl).origin),
    ownOrigin: () => (config.publicUrl === undefined ? undefined : new URL(config.publicUrl).origin),
  })
  const webhookReach = {
    allowedHosts: config.webhookHosts,
    ownOrigins: () => [url, simulatorUrl, config.publicUrl].map((own) => own && new URL(own).origin),
  }
  const webhookHttp = createWebhookHttp(webhookReach)
  const preSend = createPreSend(stores.preSendHooks, webhookHttp, now, ({ applicationId }) =>
    log.warn({ application: spellId('application', applicationId) }, 'a pre-send hook did not answer'),
  )
  const engine = createEngine({ ...config, connectionString: stores.connectionString, now })
  const performer = createPerformer(
    () => world,
    (error, effect) => log.error({ err: error, effect: effect.kind }, 'what follows from a decision failed'),
  )
  const verifications = new VerificationStore(database)
  const cached = createCaches(businesses, senders, key)
  const watched = <Message>(send: Send<Message>): Send<Message> => alerts.watchSend(metrics.measureSend(send))
  const world: World = {
    engine: metrics.measureEngine(engine),
    keys: keyring,
    now,
    newId: () => uuidv7(now().getTime()),
    findVerificationOfMessage: (senderId, messageId) => verifications.findByMessage(senderId, messageId),
    findApplication: (businessId, id) => cached.applications.get({ businessId, id }),
    listSenders: (businessId) => cached.senders.get(businessId),
    send: watched((message, sender) => providerHttp.send(providerOf(sender), message, sender)),
    askBeforeSend: preSend.ask,
    perform: (effect, delayMs) => performer.perform(effect, delayMs),
    reserve: (senderId) => performer.reserve(senderId),
  }
  const context: Context = {
    world,
    chat: {
      now,
      newId: world.newId,
      listSenders: world.listSenders,
      messages: new MessageStore(database),
      send: watched((message, sender) => providerHttp.sendChat(providerOf(sender), message, sender)),
    },
    findCaller: (given) => cached.callers.get(given),
    findOperator(given) {
      if (config.operatorKey !== undefined && isSameSecret(given, config.operatorKey)) return 'operator'
      return isDemo && key !== undefined && isSameSecret(given, key) ? 'demo' : undefined
    },
    isDemo,
    demoKey: isDemo ? key : undefined,
    get publicUrl() {
      return config.publicUrl ?? url ?? localUrl(config.host, config.port)
    },
    version,
    verifications,
    events: new EventStore(database),
    businesses: forgetting(businesses, cached),
    publicKeys: cachedPublicKeys(new PublicKeyStore(database)),
    verificationNumbers: new VerificationNumberStore(database),
    totp: new TotpStore(database, keyring),
    senders: { ...forgettingSenders(senders, cached), validate: invalidFields },
    gateways: cachedGateways(new GatewayStore(database, keyring)),
    webhooks: {
      answerHandshake: (webhook, sender) => providerOf(sender).answerHandshake?.(webhook, sender),
      readNews: (webhook, sender) => alerts.watchNews(providerOf(sender).readNews(webhook, sender), sender),
    },
    webhookEndpoints: {
      judgeUrl(given) {
        const verdict = judgeWebhookUrl(given, webhookReach)
        return typeof verdict === 'object' ? verdict.problem : undefined
      },
      create: (owner, wanted, at) => stores.webhookEndpoints.create(owner, wanted, at),
      list: (owner, at) => stores.webhookEndpoints.list(owner, at),
      find: (owner, id, at) => stores.webhookEndpoints.find(owner, id, at),
      change: (owner, id, changes, at) => stores.webhookEndpoints.change(owner, id, changes, at),
      rotateSecret: (owner, id, at) => stores.webhookEndpoints.rotateSecret(owner, id, at),
      remove: (owner, id, at) => stores.webhookEndpoints.remove(owner, id, at),
    },
    preSendHooks: preSend.hooks,
    webhookDeliveries: new WebhookDeliveryStore(database),
    rateLimits: new RateLimitStore(database),
    approveByBusiness: (key, at) => approveByBusiness(database, key, at),
    safeNumbers: new SafeNumberStore(database),
    messagingConfigurations: new MessagingConfigurationStore(database),
    totpSettings: new TotpSettingsStore(database),
    idempotency: new IdempotencyStore(database, keyring, now),
    readiness: () => readiness(database, state),
    metrics: {
      text: () => metrics.registry.metrics(),
      contentType: metrics.registry.contentType,
      isAllowed: (authorization = '') =>
        config.metricsToken === undefined || isSameSecret(authorization, `Bearer ${config.metricsToken}`),
    },
  }

  const server = await createServer(context, {
    log,
    logRequests: config.logRequests,
    trustedProxyHops: config.trustedProxyHops,
  })
  server.addHook('onResponse', (request, reply, done) => {
    metrics.onRequest(request.method, request.routeOptions.url ?? 'unknown', reply.statusCode, reply.elapsedTime / 1000)
    done()
  })
  metrics.watchQueue(() => engine.waitingCount())
  if (simulator) await server.register(simulator.plugin, { prefix: '/simulator' })
  await server.register((app) =>
    consolePages(app, () => ({
      folder: fileURLToPath(new URL('../console/dist', import.meta.url)),
      demoKey: isDemo ? key : undefined,
      phoneUrl: simulator ? '/simulator/phone' : isSimulated ? `${config.simulatorUrl}/phone` : undefined,
      // A test key reaches the simulator's senders only: without one they are leftovers in the database.
      listChannels: async () =>
        new Set(
          isSimulated
            ? (await cached.senders.get(demo.businessId)).filter(({ live }) => !live).map(({ channel }) => channel)
            : [],
        ),
      publicUrl: context.publicUrl,
      version,
    })),
  )
  let due: DueWatch | undefined
  let delivering: WebhookDelivering | undefined

  const stop = async (drainMs = 0): Promise<void> => {
    state = 'draining'
    // A load balancer needs a moment to see "not ready"; until then requests are still served.
    await sleep(drainMs)
    await server.close()
    await Promise.all([due?.stop(), delivering?.stop()])
    await performer.drain()
    await engine.close()
    await Promise.all([providerHttp.close(), webhookHttp.close(), simulator?.close()])
    await stores.close()
  }

  try {
    // Before it listens: whoever comes first must not find the demo's key unknown.
    if (key !== undefined || isSimulated) await seedDemo(businesses, key, now())
    url = await listen(server, config)
    if (isSimulated) {
      simulatorUrl = config.simulatorUrl ?? `${url}/simulator`
      const facts = await readFacts(simulatorUrl)
      const callOf = (sender: Sender) => (wanted: Parameters<ProviderHttp['exchange']>[1]) =>
        providerHttp.exchange(providerOf(sender), wanted, sender)
      await connectSimulator(
        senders,
        { facts, url: simulatorUrl, ownUrl: config.simulatorUrl === undefined ? url : context.publicUrl, callOf },
        now(),
      )
    }
    due = watchDue(world, {
      onError: (error) => log.error({ err: error }, 'due verifications'),
      onPicked: (latenessMs) => metrics.onPicked(latenessMs),
    })
    delivering = deliverWebhooks({
      now,
      store: new WebhookStore(database, keyring),
      send: (webhook) => webhookHttp.send(writeWebhook(webhook)),
      random: Math.random,
      onError: (error) => log.error({ err: error }, 'webhooks'),
      onDisabled: (id, reason) =>
        log.warn({ endpoint: spellId('webhookEndpoint', id), reason }, 'a webhook endpoint was disabled'),
    })
    state = 'ready'
    return { url, demoKey: key, hasPhone: simulator !== undefined, simulator, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The address that is reached from this machine. */
const localUrl = (host: string, port: number): string =>
  `http://${['0.0.0.0', '::', ''].includes(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}:${port}`

/** Connections that wait to be accepted; Node's 511 are soon full when many come in one moment, and the rest is dropped. */
const backlog = 4096

async function listen(server: FastifyInstance, { host, port }: Config): Promise<string> {
  await server.listen({ host, port, backlog })
  return localUrl(host, (server.server.address() as AddressInfo).port)
}

function providerOf(sender: Sender) {
  const provider = providers[sender.provider]
  if (!provider) throw new Refusal('internal', { detail: `There is no provider ${sender.provider}.` })
  return provider
}

/** Its credentials come from the master key, so that senders that were kept fit again after a restart. */
function mountableSimulator(keyring: Keyring): Simulator {
  const secret = (name: string): string => Buffer.from(keyring.fingerprint('simulator', name)).toString('hex')
  return createSimulator({
    accessToken: `EAA${secret('access token')}`,
    appSecret: secret('app secret'),
    verifyToken: secret('verify token'),
    smsToken: secret('sms token'),
    // Ids must not come again after a restart: what was sent before is still in the database.
    seed: Date.now() % 0xffffffff,
  })
}

async function readFacts(url: string): Promise<SimulatorFacts> {
  const answer = await fetch(`${url}/meta`).catch(() => undefined)
  if (!answer?.ok) throw new Error(`There is no simulator at ${url}. Start it with: npm run simulator`)
  return (await answer.json()) as SimulatorFacts
}

async function readiness(database: Database, state: 'starting' | 'ready' | 'draining'): Promise<Readiness> {
  const checks: Record<string, string> = { server: state }
  try {
    const [found, known] = await Promise.all([database.schemaVersion(), latestMigration()])
    checks['database'] = 'ok'
    checks['schema'] = found >= known ? 'ok' : `is ${found}, must be ${known}`
  } catch {
    checks['database'] = 'does not answer'
  }
  return { isReady: state === 'ready' && checks['database'] === 'ok' && checks['schema'] === 'ok', checks }
}
