/** Ids are 128 bits (UUIDv7, RFC 9562 §5.7) and spelled for the reader: `ver_` + 32 hex digits. */
const idPrefixes = {
  verification: 'ver',
  delivery: 'dlv',
  business: 'biz',
  application: 'app',
  apiKey: 'key',
  sender: 'snd',
  webhookEndpoint: 'whe',
  webhookDelivery: 'whd',
  gateway: 'gwy',
  message: 'msg',
} as const

export type IdKind = keyof typeof idPrefixes

export const spellId = (kind: IdKind, uuid: string): string => `${idPrefixes[kind]}_${uuid.replaceAll('-', '')}`

/** The UUID of a spelled id, or undefined when it is none of that kind. */
export function readId(kind: IdKind, spelled: string): string | undefined {
  const match = /^([a-z]{3})_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(spelled)
  if (!match || match[1] !== idPrefixes[kind]) return undefined
  return match.slice(2).join('-')
}
