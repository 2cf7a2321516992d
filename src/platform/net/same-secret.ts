import { createHash, timingSafeEqual } from 'node:crypto'

/** Compares without telling by its time how much was right. */
export const isSameSecret = (given: string, wanted: string): boolean =>
  timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(wanted).digest())
