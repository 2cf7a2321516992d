import { accessSettings } from '#access/settings.ts'
import { openDemoProblem } from '#demo/core/reach.ts'
import { demoSettings } from '#demo/settings.ts'
import { guardSettings } from '#guard/settings.ts'
import { messagingSettings } from '#messaging/settings.ts'
import { type ConfigOf, type Environment, readSettings } from '#platform/setting-kit.ts'
import { isDemo, masterKeyProblem, platformSettings } from '#platform/settings.ts'
import { verificationSettings } from '#verification/settings.ts'

/** Every setting there is. `.env.example` and docs/reference/configuration.md are made from this. */
export const settings = {
  ...platformSettings,
  ...accessSettings,
  ...messagingSettings,
  ...verificationSettings,
  ...guardSettings,
  ...demoSettings,
} as const

export type Config = ConfigOf<typeof settings>

export const readConfig = (environment: Environment): Config => readSettings(settings, environment)

/** For commands that work with codes and credentials. */
export const readConfigWithKeys = (environment: Environment): Config =>
  readSettings(settings, environment, (config) => [masterKeyProblem(config, environment)])

/** For the server itself. */
export const readConfigToServe = (environment: Environment): Config =>
  readSettings(settings, environment, (config) => [
    masterKeyProblem(config, environment),
    isDemo(config, environment) ? openDemoProblem(config.host, config.demoOnNetwork) : undefined,
  ])
