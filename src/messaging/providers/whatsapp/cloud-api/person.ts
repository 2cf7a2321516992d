import type { PersonTold } from '#messaging/core/contact.ts'
import { modernDigits } from '#platform/core/phone-number.ts'

/**
 * A WhatsApp id of digits as a number that can be dialled. It is no number by itself: Mexican ones have a 1 that numbers
 * have lost, and Brazilian ones of older accounts lack a digit that numbers have gained.
 */
export const phoneOf = (waId: unknown): string | undefined =>
  typeof waId === 'string' && /^[1-9]\d{4,19}$/.test(waId) ? `+${modernDigits(waId)}` : undefined

/** Meta's form of 2026: a country, perhaps ENT for ids of several portfolios, and up to 128 letters and digits. */
const userIdShape = /^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/

export const isUserId = (value: string): boolean => userIdShape.test(value)

export const userIdOf = (value: unknown): string | undefined =>
  typeof value === 'string' && isUserId(value) ? value : undefined

export const toldOf = (waId: unknown, userId: unknown): PersonTold => {
  const [phone, id] = [phoneOf(waId), userIdOf(userId)]
  return { ...(phone !== undefined && { phone }), ...(id !== undefined && { userId: id }) }
}

export const isSomebody = ({ phone, userId }: PersonTold): boolean => phone !== undefined || userId !== undefined
