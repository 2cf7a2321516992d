import type { StartRow } from '#verification/core/engine.ts'
import { policyDefaults } from '#access/core/policy.ts'
import type { People } from '#platform/keys/people.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'

/** The one business of tests that speak to the statements themselves. */
export const businessId = '0190a000-0000-7000-8000-000000000001'
export const rightMac = Buffer.alloc(16, 1)

/** A start as the flows would hand it to the engine: one step by SMS, five minutes, nothing special. */
export const startRow = (recipient: string, now: Date, changes: Partial<StartRow> = {}): StartRow => ({
  businessId,
  applicationId: businessId,
  live: false,
  id: uuidv7(now.getTime()),
  recipient,
  person: recipient,
  purpose: 'p',
  locale: 'en',
  keyVersion: 1,
  codeLength: 6,
  codeMac: rightMac,
  binding: '',
  takesPending: false,
  replaces: false,
  expiresAt: new Date(now.getTime() + 300_000),
  policy: policyDefaults,
  workflow: [{ channel: 'sms', waitSeconds: 60, senderId: businessId }],
  dueAt: new Date(now.getTime() + 60_000),
  deliveryId: uuidv7(now.getTime()),
  channel: 'sms',
  senderId: businessId,
  atOnce: false,
  mayCreate: true,
  now,
  ...changes,
})

/** People who stand for themselves, so that their rows are easily found. */
export const plainPeople: People = { keyOf: (_, recipient) => recipient, markOf: (text) => text }
