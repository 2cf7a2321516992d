/**
 * WhatsApp's own id of a person mostly is the number, but not everywhere: Mexican ids keep the 1 that numbers have lost,
 * Argentine ones always have the 9, and Brazilian ones outside the area codes 11 to 28 lack the ninth digit. That they
 * differ is documented; the rules are what practice shows.
 */
export function waIdOf(phone: string): string {
  const mexican = /^52(\d{10})$/.exec(phone)
  if (mexican) return `521${mexican[1]}`
  const brazilian = /^55([3-9]\d)9(\d{8})$/.exec(phone)
  return brazilian ? `55${brazilian[1]}${brazilian[2]}` : phone
}

const userIdFactor = 7919n

/** Business-scoped user id, in the form of 2026. */
export const userIdOf = (phone: string): string => `ZZ.${BigInt(`1${phone}`) * userIdFactor}`

/** The number behind a user id of this world; undefined for any other. */
export function phoneOfUserId(userId: string): string | undefined {
  const digits = /^ZZ\.(\d{8,24})$/.exec(userId)?.[1]
  if (digits === undefined || BigInt(digits) % userIdFactor !== 0n) return undefined
  return /^1([1-9]\d{6,14})$/.exec(String(BigInt(digits) / userIdFactor))?.[1]
}
