/**
 * Ids are 128 bits (UUIDv7, RFC 9562 §5.7) and spelled for the reader: `ver_` + 32 hex digits. Each module says what
 * its ids begin with, in its `core/ids.ts`.
 */
export const spellId = (prefix: string, uuid: string): string => `${prefix}_${uuid.replaceAll('-', '')}`

const spelledId = /^([a-z]{3})_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/

/** The UUID of a spelled id, or undefined when it is none of that kind. */
export function readId(prefix: string, spelled: string): string | undefined {
  const match = spelledId.exec(spelled)
  return match && match[1] === prefix ? match.slice(2).join('-') : undefined
}
