import type { FastifyInstance } from 'fastify'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { AccessPort } from '#access/port.ts'
import type { ProviderRequest } from '#messaging/core/provider-call.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { MessagingPort } from '#messaging/port.ts'
import type { Module } from '#platform/module.ts'
import type { Platform } from '#platform/open-platform.ts'
import { createSimulator, type Simulator } from '#simulator/simulator.ts'
import { accessIds } from '#access/core/ids.ts'
import { messagingIds } from '#messaging/core/ids.ts'
import { spellId } from '#platform/core/id.ts'
import { demo } from './core/demo.ts'
import { seedDemo } from './flows/seed-demo.ts'
import { consolePages } from './http/console.ts'
import { nothingToSee } from './http/nothing-to-see.ts'
import { guardOf } from './http/simulator-guard.ts'
import { connectSimulator } from './flows/simulated-world.ts'

export interface DemoOptions {
  readonly access: AccessPort
  readonly messaging: MessagingPort
  readonly simulator: 'auto' | 'on' | 'off'
  readonly console: 'auto' | 'on' | 'off'
  /** A simulator that runs as a process of its own. */
  readonly simulatorUrl: string | undefined
  /** Whether others than the developer on this machine reach the demo. */
  readonly isOpen: boolean
  /** The demo application's key. */
  readonly key: string | undefined
  readonly version: string
}

/** What only the demo has: its business and key, the simulated world, the page to try it. */
export function openDemo(platform: Platform, options: DemoOptions) {
  const { access, messaging, simulatorUrl, key, version } = options
  const { isDemo, addresses, now } = platform
  const isSimulated = options.simulator === 'on' || (options.simulator === 'auto' && isDemo)
  const hasConsole = options.console === 'on' || (options.console === 'auto' && (isDemo || isSimulated))
  const ownKey = randomBytes(32).toString('base64url')
  const simulator =
    isSimulated && simulatorUrl === undefined
      ? mountableSimulator(platform, options.isOpen, guardOf(ownKey))
      : undefined
  const ownPhoneUrl = simulator && `${addresses.basePath}/simulator/phone`
  const phoneUrl = ownPhoneUrl ?? (isSimulated ? `${simulatorUrl}/phone` : undefined)

  /** Test keys send only to the simulator; if it is off, test senders in the database are unusable. */
  const listChannels = async () => {
    const senders = isSimulated ? await messaging.listSenders(demo.businessId) : []
    return new Set(senders.filter(({ live }) => !live).map(({ channel }) => channel))
  }

  return {
    name: 'demo',
    /** For whoever started it. */
    shown: {
      simulator,
      hasPhone: simulator !== undefined,
      /** What the reader of the first page asks for next. */
      demoIds: async () => ({
        application: spellId(accessIds.application, demo.applicationId),
        senders: (isSimulated ? await messaging.listSenders(demo.businessId) : []).map(({ id, channel, purpose }) => ({
          id: spellId(messagingIds.sender, id),
          channel,
          purpose,
        })),
      }),
    },
    async routes(app) {
      if (simulator) await app.register((world) => mount(world, simulator))
      if (!hasConsole) return nothingToSee(app)
      await app.register((pages) =>
        consolePages(pages, () => ({
          folder: fileURLToPath(new URL('../../console/dist', import.meta.url)),
          demoKey: isDemo ? key : undefined,
          phoneUrl,
          listChannels,
          publicUrl: addresses.public(),
          version,
        })),
      )
    },
    async prepare() {
      // Before it listens: whoever comes first must not find the demo's key unknown.
      if (key !== undefined || isSimulated) await seedDemo(access.businesses, key, now())
    },
    async start() {
      if (!isSimulated) return
      const own = addresses.own() as string
      const url = simulatorUrl ?? `${own}/simulator`
      addresses.simulatorIsAt(url)
      const ownUrl = simulatorUrl === undefined ? own : addresses.public()
      const wanted = messaging.listSimulated({ url, facts: await readFacts(url, simulator && ownKey) })
      const callOf = (sender: Sender) => (request: ProviderRequest) => messaging.exchange(request, sender)
      await connectSimulator(messaging.senders, wanted, { ownUrl, callOf }, now())
    },
    async stop() {
      await simulator?.close()
    },
  } satisfies Module & { readonly shown: object }
}

/** The simulator knows nothing of our keys and permissions. */
async function mount(app: FastifyInstance, simulator: Simulator): Promise<void> {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, permission: 'anyone' }
  })
  await app.register(simulator.plugin, { prefix: '/simulator' })
}

/** Its credentials come from the master key, so that senders that were kept fit again after a restart. */
function mountableSimulator(
  { keyring, addresses, isDemo }: Platform,
  isOpen: boolean,
  guard: NonNullable<Parameters<typeof createSimulator>[0]>['guard'],
): Simulator {
  // A developer's own machine may be called; of a machine that others reach only what they can call themselves.
  const callsOnly = (url: URL): boolean =>
    url.pathname.startsWith('/webhooks/') &&
    [addresses.own(), addresses.public()].some((own) => own !== undefined && new URL(own).origin === url.origin)
  const secret = (name: string): string => Buffer.from(keyring.fingerprint('simulator', name)).toString('hex')
  return createSimulator({
    ...(!isDemo && { guard }),
    ...((!isDemo || isOpen) && { callsOnly }),
    accessToken: `EAA${secret('access token')}`,
    appSecret: secret('app secret'),
    verifyToken: secret('verify token'),
    smsToken: secret('sms token'),
    // Ids must not come again after a restart: what was sent before is still in the database.
    seed: Date.now() % 0xffffffff,
  })
}

async function readFacts(url: string, key: string | undefined): Promise<Record<string, unknown>> {
  const headers = key === undefined ? undefined : { authorization: `Bearer ${key}` }
  const answer = await fetch(`${url}/meta`, headers && { headers }).catch(() => undefined)
  if (!answer?.ok) throw new Error(`There is no simulator at ${url}. Start it with: npm run simulator`)
  return (await answer.json()) as Record<string, unknown>
}
