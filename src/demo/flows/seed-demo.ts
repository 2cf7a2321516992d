import type { AccessPort } from '#access/port.ts'
import { demo } from '#demo/core/demo.ts'

/** The demo business with its application and its test key; does nothing when they are there. */
export async function seedDemo(
  businesses: AccessPort['businesses'],
  key: string | undefined,
  now: Date,
): Promise<void> {
  const { businessId, applicationId, name } = demo
  await businesses.create({ id: businessId, applicationId, name }, now)
  if (key === undefined) return
  const caller = await businesses.findKey(key)
  if (caller && caller.businessId !== businessId) throw new Error('CENTANG_DEMO_KEY is a key of another business.')
  if (!caller)
    await businesses.createKey({ businessId, applicationId, live: false }, now, { given: key, scopes: ['admin'] })
}
