import type { Channel } from '#platform/core/channel.ts'

/** The rules of one application; snapshotted into each verification when it starts. */
export interface Policy {
  /** Digits, 4–10. NIST SP 800-63B-4 §3.1.3.2 asks for at least 6. */
  readonly codeLength: number
  /** Lifetime of a code in seconds, 60–600 (63B-4: at most ten minutes). */
  readonly expiresInSeconds: number
  /** Guesses compared per verification, 1–10. */
  readonly checkCountMax: number
  /** Sends to one recipient in ten minutes, 1–10. */
  readonly sendCountMax: number
  /** Seconds to wait after the first, second, … send before the next on the same channel. */
  readonly resendWaitsSeconds: readonly number[]
}

export const policyDefaults: Policy = {
  codeLength: 6,
  expiresInSeconds: 300,
  checkCountMax: 5,
  sendCountMax: 5,
  resendWaitsSeconds: [30, 60, 120, 180],
}

export const policyLimits = {
  codeLength: { min: 4, max: 10 },
  expiresInSeconds: { min: 60, max: 600 },
  checkCountMax: { min: 1, max: 10 },
  sendCountMax: { min: 1, max: 10 },
  stepWaitSeconds: { min: 1, max: 600 },
  workflowSteps: { min: 1, max: 8 },
} as const

export const sendWindowMs = 10 * 60_000

/** The wait of a step that nobody gave one. */
export const stepWaitDefaultSeconds = 60

/** One step of a workflow: send on a channel, go on after so many seconds without `delivered` or `read`. */
export interface WorkflowStep {
  readonly channel: Channel
  readonly waitSeconds: number
  /** UUID of the sender chosen when the verification started. */
  readonly senderId: string
}

export interface WorkflowTemplateStep {
  readonly channel: Channel
  readonly waitSeconds: number
}

/** WhatsApp first. Thirty seconds is what a phone that is switched on needs many times over. */
export const workflowDefault: readonly WorkflowTemplateStep[] = [
  { channel: 'whatsapp', waitSeconds: 30 },
  { channel: 'sms', waitSeconds: stepWaitDefaultSeconds },
]
