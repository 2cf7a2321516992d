/** Wrong use of the simulator's own routes. */
export class ControlError extends Error {
  readonly statusCode: number
  readonly reason: string

  constructor(statusCode: number, message: string, reason = 'invalid') {
    super(message)
    this.statusCode = statusCode
    this.reason = reason
  }
}

/** Takes a member as it came, and gives it as the world keeps it; throws when it is not what it must be. */
export type Reader<Value> = (value: unknown, name: string) => Value

type Readers = Readonly<Record<string, Reader<unknown>>>
type Read<Members extends Readers> = { [Name in keyof Members]?: ReturnType<Members[Name]> }

/** Reads an object and refuses what it does not know: a fault with a typing error must not hit everybody. */
export function readMembers<Members extends Readers>(body: unknown, readers: Members): Read<Members> {
  const given = body ?? {}
  if (typeof given !== 'object' || Array.isArray(given)) throw new ControlError(400, 'An object is required.')
  const read: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(readers, name))
      throw new ControlError(400, `"${name}" is unknown here. There are ${Object.keys(readers).join(', ')}.`)
    read[name] = (readers[name] as Reader<unknown>)(value, name)
  }
  return read as Read<Members>
}

export const flag: Reader<boolean> = (value, name) => {
  if (typeof value !== 'boolean') throw new ControlError(400, `"${name}" must be true or false.`)
  return value
}

export const numberFrom =
  (least: number, most: number): Reader<number> =>
  (value, name) => {
    if (typeof value !== 'number' || !(value >= least && value <= most))
      throw new ControlError(400, `"${name}" must be a number from ${least} to ${most}.`)
    return value
  }

export const integerFrom =
  (least: number, most: number): Reader<number> =>
  (value, name) => {
    if (!Number.isInteger(value) || !((value as number) >= least && (value as number) <= most))
      throw new ControlError(400, `"${name}" must be a whole number from ${least} to ${most}.`)
    return value as number
  }

export const oneOf =
  <const Value extends string>(words: readonly Value[]): Reader<Value> =>
  (value, name) => {
    const found = words.find((word) => word === value)
    if (found === undefined) throw new ControlError(400, `"${name}" must be one of ${words.join(', ')}.`)
    return found
  }

/** @param about completes the sentence "… must be …" */
export const textLike =
  (pattern: RegExp, about: string): Reader<string> =>
  (value, name) => {
    if (typeof value !== 'string' || !pattern.test(value)) throw new ControlError(400, `"${name}" must be ${about}.`)
    return value
  }

export const listOf =
  <Value>(reader: Reader<Value>, most: number): Reader<Value[]> =>
  (value, name) => {
    if (!Array.isArray(value) || value.length > most)
      throw new ControlError(400, `"${name}" must be a list of at most ${most}.`)
    return value.map((one) => reader(one, name))
  }

/** Null takes the setting away. */
export const orNull =
  <Value>(reader: Reader<Value>): Reader<Value | undefined> =>
  (value, name) =>
    value === null ? undefined : reader(value, name)

/** `+`, `%2B`, a space a plus became, or nothing in front of the digits. */
export const e164: Reader<string> = (value) => {
  const digits = typeof value === 'string' ? value.replaceAll(/[\s+]/g, '') : ''
  if (!/^[1-9]\d{6,14}$/.test(digits))
    throw new ControlError(400, 'A number must be in E.164 form, for example +6281234567890.')
  return digits
}

/** A code of the Graph API, for a send that is to fail with it. */
export const graphCode = integerFrom(0, 9_999_999)
