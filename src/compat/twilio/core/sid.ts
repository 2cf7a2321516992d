/** Twilio's ids: two letters that name the kind, and the 32 hex digits of what is a UUID with us. */
const sidPrefixes = {
  account: 'AC',
  apiKey: 'SK',
  service: 'VA',
  verification: 'VE',
  sending: 'VL',
  template: 'HJ',
  rateLimit: 'RK',
  bucket: 'BL',
  entity: 'YE',
  factor: 'YF',
  challenge: 'YC',
  safeNumber: 'GN',
  webhook: 'YW',
} as const

export type SidKind = keyof typeof sidPrefixes

export const spellSid = (kind: SidKind, uuid: string): string => `${sidPrefixes[kind]}${uuid.replaceAll('-', '')}`

/** The UUID of a sid, or undefined when it is none of that kind. */
export function readSid(kind: SidKind, sid: string): string | undefined {
  const match = /^([A-Z]{2})([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/i.exec(sid)
  if (!match || match[1] !== sidPrefixes[kind]) return undefined
  return match.slice(2).join('-').toLowerCase()
}
