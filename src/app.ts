import { readFileSync } from 'node:fs'
import { openAccess, accessFacts } from '#access/module.ts'
import type { Config } from '#cli/config.ts'
import { moduleLines } from '#cli/module-lines.ts'
import { compatFacts, openCompat, vendorWebhooks } from '#compat/module.ts'
import { demoKey, demoMasterKeys } from '#demo/store/demo-secrets.ts'
import { openDemo } from '#demo/module.ts'
import { gatewaysFacts, openGateways } from '#gateways/module.ts'
import { messagingFacts, openMessaging } from '#messaging/module.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { ModuleFacts } from '#platform/module.ts'
import { openPlatform, type PlatformOptions } from '#platform/open-platform.ts'
import { serve } from '#platform/serve.ts'
import { openTotp, totpFacts } from '#totp/module.ts'
import { openVerification, verificationFacts } from '#verification/module.ts'
import { openWebhooks, webhooksFacts } from '#webhooks/module.ts'

/** Every module's part of the catalogues, in the order of who stands on whom. */
export const modules: readonly ModuleFacts[] = [
  { name: 'platform', refusals: platformRefusals },
  accessFacts,
  messagingFacts,
  verificationFacts,
  totpFacts,
  webhooksFacts,
  gatewaysFacts,
  compatFacts,
]

export type App = Awaited<ReturnType<typeof startApp>>

export interface AppOptions extends PlatformOptions {
  readonly config: Config
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** Opens every module, hands each the ports it may call, and serves them. */
export async function startApp(options: AppOptions) {
  const { config, isDemo } = options
  const key = config.demoKey ?? (isDemo ? await keptDemoKey(options) : undefined)
  const masterKeys = isDemo ? () => demoMasterKeys(config.dataFolder) : undefined
  const platform = await openPlatform({ ...options, masterKeys }, moduleLines)
  const access = openAccess(platform, { operatorKey: config.operatorKey, givenKey: key })
  const messaging = openMessaging(platform, {
    access: access.port,
    providerHosts: config.providerHosts,
    listeners: () => [verification.onNews],
  })
  const verification = openVerification(platform, {
    access: access.port,
    messaging: messaging.port,
    laneCount: config.laneCount,
    bindRequests: config.bindRequests,
  })
  const totp = openTotp(platform)
  const webhooks = openWebhooks(platform, {
    access: access.port,
    facts: modules,
    sources: [messaging, verification],
    formats: vendorWebhooks(verification.port),
  })
  const demo = openDemo(platform, {
    access: access.port,
    messaging: messaging.port,
    simulator: config.simulator,
    simulatorUrl: config.simulatorUrl,
    key,
    version,
  })
  const opened = [
    access,
    messaging,
    verification,
    totp,
    webhooks,
    openGateways(platform, { access: access.port, verification: verification.port }),
    openCompat(platform, {
      access: access.port,
      verification: verification.port,
      totp: totp.port,
      webhooks: webhooks.port,
    }),
    demo,
  ]
  const { url, stop } = await serve(platform, opened, {
    version,
    facts: modules,
    demoKey: isDemo ? key : undefined,
  })
  return { url, stop, demoKey: key, hasPhone: demo.simulator !== undefined, simulator: demo.simulator }
}

/** Where the file is damaged nothing begins, and the database that starts meanwhile is let go. */
async function keptDemoKey({ config, opening }: AppOptions): Promise<string> {
  try {
    return demoKey(config.dataFolder)
  } catch (error) {
    await opening?.then((database) => database.stop())
    throw error
  }
}
