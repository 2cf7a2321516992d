import type { Channel } from '#platform/core/channel.ts'
import { policyLimits, type WorkflowTemplateStep } from '#access/core/policy.ts'
import { isLocaleTag, nearestLocale } from '#platform/core/locale.ts'
import { readRecipient } from '#platform/http/recipient.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { invalidParameter, type VonageError } from './errors.ts'
import { defaultTemplateId } from './templates.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

/** What a start asks for, in our words. */
export interface VonageStart {
  readonly recipient: string
  readonly workflow: readonly WorkflowTemplateStep[]
  readonly locale?: string
  /** Undefined: as many as the application asks. */
  readonly codeLength?: number
  readonly expiresInSeconds: number
  readonly code?: string
  readonly clientRef?: string
  /** Parameters that have no effect here. */
  readonly ignored: readonly string[]
}

/** Thrown for a parameter that Vonage would refuse too, or that we cannot honour. */
export class InvalidParameter extends Error {
  readonly error: VonageError

  constructor(name: string, reason: string) {
    super(`${name} ${reason}`)
    this.error = invalidParameter(name, reason)
  }
}

const channelOf: Readonly<Record<string, Channel>> = {
  whatsapp: 'whatsapp',
  sms: 'sms',
  voice: 'voice',
  email: 'email',
  rcs: 'rcs',
}

const known = ['brand', 'workflow', 'locale', 'channel_timeout', 'client_ref', 'code_length', 'code', 'template_id']
const channelTimeoutDefaultSeconds = 300
const stepsMax = 3

type Members = Readonly<Record<string, unknown>>

export function readStart(body: unknown): VonageStart {
  if (!isObject(body)) throw new Refusal(platformRefusals.body_invalid)
  checkBrand(body['brand'])
  const steps = readSteps(body['workflow'])
  const timeout = wholeNumber(body, 'channel_timeout', 15, 900) ?? channelTimeoutDefaultSeconds
  const locale = readLocale(body['locale'])
  const code = text({ code: spelledCode(body['code']) }, 'code', 4, 10, /^[A-Za-z0-9]*$/)
  const codeLength = wholeNumber(body, 'code_length', 4, 10)
  const clientRef = text(body, 'client_ref', 1, 100)
  const template = text(body, 'template_id', 1, 100)
  if (template !== undefined && template.toLowerCase() !== defaultTemplateId) {
    throw new InvalidParameter('template_id', 'names no template of this server')
  }
  return {
    recipient: readRecipients(steps),
    ...timesOf(timeout, steps),
    ...(locale !== undefined && { locale }),
    ...(codeLength !== undefined && { codeLength }),
    ...(code !== undefined && { code }),
    ...(clientRef !== undefined && { clientRef }),
    ignored: [
      ...Object.keys(body).filter((name) => !known.includes(name)),
      ...steps.flatMap(({ members }) => Object.keys(members).filter((name) => name !== 'channel' && name !== 'to')),
    ],
  }
}

/**
 * `channel_timeout` is the time of each step, and the code lives as long as all of them. Ours lives ten minutes at
 * most, so steps that would begin after that become shorter: every one of them gets its turn.
 */
function timesOf(timeout: number, steps: readonly Step[]): Pick<VonageStart, 'workflow' | 'expiresInSeconds'> {
  const { min, max } = policyLimits.expiresInSeconds
  const waitSeconds = Math.min(timeout, Math.floor(max / steps.length))
  return {
    workflow: steps.map(({ channel }) => ({ channel, waitSeconds })),
    expiresInSeconds: Math.max(min, Math.min(max, timeout * steps.length)),
  }
}

interface Step {
  readonly channel: Channel
  readonly members: Members
}

function readSteps(value: unknown): readonly Step[] {
  if (!Array.isArray(value) || value.length === 0) throw new InvalidParameter('workflow', 'is required')
  if (value.length > stepsMax) throw new InvalidParameter('workflow', `must not have more than ${stepsMax} steps`)
  return value.map((step: unknown) => {
    if (!isObject(step)) throw new InvalidParameter('workflow', 'must be a list of objects')
    const channel = typeof step['channel'] === 'string' ? channelOf[step['channel']] : undefined
    if (channel === undefined) {
      throw new InvalidParameter('workflow', 'names a channel that this server does not have')
    }
    return { channel, members: step }
  })
}

/** One verification is of one recipient, whatever the channel: proving one number says nothing of another. */
function readRecipients(steps: readonly Step[]): string {
  const [first, ...others] = new Set(
    steps.map(({ members }) => {
      const { to } = members
      if (typeof to !== 'string' || to.trim() === '') throw new InvalidParameter('to', 'is required')
      return readRecipient(to)
    }),
  )
  if (first === undefined || others.length > 0) {
    throw new InvalidParameter('workflow', 'must have the same `to` in every step')
  }
  return first
}

function checkBrand(brand: unknown): void {
  if (typeof brand !== 'string' || brand.trim() === '') throw new InvalidParameter('brand', 'is required')
  if (brand.length > 18) throw new InvalidParameter('brand', 'must not be longer than 18 characters')
  if (/[{}:$]/.test(brand)) throw new InvalidParameter('brand', 'must not contain { } : or $')
}

/** Vonage has more languages than the texts here: the others read English. */
function readLocale(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || !isLocaleTag(value))
    throw new InvalidParameter('locale', 'is not a language and region like `en-us`')
  return nearestLocale(value) ?? 'en'
}

function wholeNumber(body: Members, name: string, min: number, max: number): number | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new InvalidParameter(name, `must be a whole number from ${min} to ${max}`)
  }
  return value
}

/** Some clients write a code as a number. */
export const spelledCode = (value: unknown): unknown =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? String(value) : value

function text(body: Members, name: string, min: number, max: number, pattern?: RegExp): string | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || value.length < min || value.length > max || pattern?.test(value) === false) {
    throw new InvalidParameter(
      name,
      `must have ${min} to ${max} characters${pattern ? ', letters and digits only' : ''}`,
    )
  }
  return value
}

export const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
