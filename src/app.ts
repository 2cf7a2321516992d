import { readFileSync } from 'node:fs'
import { openAccess, accessFacts } from '#access/module.ts'
import type { accessSettings } from '#access/settings.ts'
import { compatFacts, openCompat, vendorWebhooks } from '#compat/module.ts'
import { demoKey, demoMasterKeys } from '#demo/store/demo-secrets.ts'
import { isLoopback } from '#demo/core/reach.ts'
import { openDemo } from '#demo/module.ts'
import type { demoSettings } from '#demo/settings.ts'
import { gatewaysFacts, openGateways } from '#gateways/module.ts'
import { guardFacts, openGuard } from '#guard/module.ts'
import type { guardSettings } from '#guard/settings.ts'
import { ledgerFacts, openLedger } from '#ledger/module.ts'
import { messagingFacts, openMessaging } from '#messaging/module.ts'
import type { messagingSettings } from '#messaging/settings.ts'
import { platformFacts } from '#platform/facts.ts'
import type { ModuleFacts } from '#platform/module.ts'
import { openPlatform, type PlatformOptions } from '#platform/open-platform.ts'
import { serve } from '#platform/serve.ts'
import type { ConfigOf } from '#platform/setting-kit.ts'
import { openTotp, totpFacts } from '#totp/module.ts'
import { openVerification, verificationFacts } from '#verification/module.ts'
import type { verificationSettings } from '#verification/settings.ts'
import { openWebhooks, webhooksFacts } from '#webhooks/module.ts'

/** Every module's part of the catalogues, in the order of who stands on whom. */
export const modules: readonly ModuleFacts[] = [
  platformFacts,
  ledgerFacts,
  accessFacts,
  messagingFacts,
  verificationFacts,
  totpFacts,
  webhooksFacts,
  gatewaysFacts,
  compatFacts,
  guardFacts,
]

export type App = Awaited<ReturnType<typeof startApp>>

export interface AppOptions extends PlatformOptions {
  readonly config: PlatformOptions['config'] &
    ConfigOf<
      typeof accessSettings &
        typeof messagingSettings &
        typeof verificationSettings &
        typeof demoSettings &
        typeof guardSettings
    >
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** Opens every module, hands each the ports it may call, and serves them. */
export async function startApp(options: AppOptions) {
  const { config, isDemo } = options
  const key = config.demoKey ?? (isDemo ? await demoKey(config.dataFolder, options.opening) : undefined)
  const masterKeys = isDemo ? () => demoMasterKeys(config.dataFolder) : undefined
  const platform = await openPlatform({ ...options, masterKeys })
  const access = openAccess(platform, { operatorKey: config.operatorKey, givenKey: key, facts: modules })
  const messaging = openMessaging(platform, {
    access: access.port,
    providerHosts: config.providerHosts,
    keepMessagesDays: config.keepMessagesDays,
    listeners: () => [verification.onNews],
    mayLeave: (leaving) => guard.port.mayLeave(leaving),
  })
  const guard = openGuard(platform, { ...config, access: access.port, messaging: messaging.port })
  const verification = openVerification(platform, {
    access: access.port,
    messaging: messaging.port,
    mayLeave: guard.port.mayLeave,
    mayCheck: guard.port.mayCheck,
    laneCount: config.laneCount,
    bindRequests: config.bindRequests,
    keep: {
      verificationsDays: config.keepVerificationsDays,
      receiptsDays: config.keepReceiptsDays,
      budgetsDays: config.keepBudgetsDays,
    },
  })
  const totp = openTotp(platform, { ...guard.port, keepChallengesDays: config.keepVerificationsDays })
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
    console: config.console,
    simulatorUrl: config.simulatorUrl,
    isOpen: !isLoopback(config.host),
    key,
    version,
  })
  const opened = [
    access,
    openLedger(platform, config),
    messaging,
    guard,
    verification,
    totp,
    webhooks,
    openGateways(platform, { access: access.port, verification: verification.port }),
    openCompat(platform, {
      access: access.port,
      messaging: messaging.port,
      verification: verification.port,
      totp: totp.port,
      webhooks: webhooks.port,
      keepVerificationsDays: config.keepVerificationsDays,
    }),
    demo,
  ]
  const { url, stop } = await serve(platform, opened, {
    version,
    facts: modules,
    demoKey: isDemo ? key : undefined,
  })
  return { url, stop, demoKey: key, ...demo.shown }
}
