import type { Mac } from '#verification/core/code.ts'

export const totpAlgorithms = ['sha1', 'sha256', 'sha512'] as const
export type TotpAlgorithm = (typeof totpAlgorithms)[number]

/** How the codes of a factor are made; both sides have to agree on it. */
export interface TotpConfig {
  readonly algorithm: TotpAlgorithm
  readonly codeLength: number
  readonly timeStepSeconds: number
  /** Time steps before and after the present one that are taken too, because clocks differ. */
  readonly skewSteps: number
}

export const totpDefaults: TotpConfig = { algorithm: 'sha1', codeLength: 6, timeStepSeconds: 30, skewSteps: 1 }

/**
 * Fewer digits, or more codes that are good at once, make guessing easy: six digits and one step to either side are the
 * least (RFC 4226 §5.3, RFC 6238 §5.2).
 */
export const totpLimits = {
  codeLength: { min: 6, max: 8 },
  timeStepSeconds: { min: 20, max: 60 },
  skewSteps: { min: 0, max: 1 },
} as const

/** HOTP (RFC 4226 §5.3). `mac` is HMAC under the factor's secret and algorithm. */
export function hotp(mac: Mac, counter: number, codeLength: number): string {
  const data = new Uint8Array(8)
  new DataView(data.buffer).setBigUint64(0, BigInt(counter))
  const digest = mac(data)
  const offset = (digest.at(-1) as number) & 15
  const number = new DataView(digest.buffer, digest.byteOffset).getUint32(offset) & 0x7fffffff
  return String(number % 10 ** codeLength).padStart(codeLength, '0')
}

export const stepAt = ({ timeStepSeconds }: TotpConfig, now: Date): number =>
  Math.floor(now.getTime() / 1000 / timeStepSeconds)

/**
 * The time step whose code was given, or undefined. A time step counts once: with `lastStep` the same code, or an older
 * one, is worth nothing any more (RFC 6238 §5.2).
 */
export function matchStep(
  mac: Mac,
  config: TotpConfig,
  code: string,
  now: Date,
  lastStep: number | undefined,
): number | undefined {
  const current = stepAt(config, now)
  let found: number | undefined
  // Every time step is compared, so that the time it takes tells nothing about where it was found.
  for (let timeStep = current - config.skewSteps; timeStep <= current + config.skewSteps; timeStep++) {
    const isRight = isSame(hotp(mac, timeStep, config.codeLength), code)
    if (isRight && (lastStep === undefined || timeStep > lastStep)) found ??= timeStep
  }
  return found
}

function isSame(one: string, other: string): boolean {
  let difference = one.length ^ other.length
  for (let index = 0; index < one.length; index++) difference |= one.charCodeAt(index) ^ (other.charCodeAt(index) || 0)
  return difference === 0
}
