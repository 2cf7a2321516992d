import { shorten, storable } from '#platform/core/storable-text.ts'

const charactersMax = 300

/** Vendors' words without any longer row of digits: a code or a number could be among them. */
export const vendorText = (value: unknown): string =>
  typeof value === 'string' ? shorten(storable(value), charactersMax).replaceAll(/\+?\p{Nd}{4,}/gu, '…') : ''

const codeCharactersMax = 100

/** A vendor's own code of something, which is no text for people. */
export const vendorCode = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? shorten(storable(String(value)), codeCharactersMax) : ''

const idCharactersMax = 512

/**
 * A vendor's id of a message. They are short, and one that is not would fit into no index; cut the same way wherever it
 * is told, it still finds its message.
 */
export const vendorId = (id: string): string => shorten(storable(id), idCharactersMax)
