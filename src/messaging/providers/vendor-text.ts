import { shorten, storable } from '#platform/core/storable-text.ts'

/** Vendors' words without any longer row of digits: a code or a number could be among them. */
export const vendorText = (value: unknown): string =>
  typeof value === 'string' ? shorten(storable(value), 300).replaceAll(/\+?\d{4,}/g, '…') : ''
