import type { FastifyInstance, FastifyRequest } from 'fastify'
import { acceptNoBody } from '#platform/http/json.ts'
import { invalidParameter, TwilioFault } from './errors.ts'

/** The fields of a form or a query; names may hold dots and come more than once. */
export interface Form {
  /** The last one counts; an empty one is not there, as with Twilio. */
  text(name: string): string | undefined
  all(name: string): readonly string[]
  names(): readonly string[]
  required(name: string): string
  /** A JSON object in a field, its values as text. */
  map(name: string, limits: { readonly entries: number; readonly length: number }): Record<string, string> | undefined
  integer(name: string, range: { readonly min: number; readonly max: number }): number | undefined
}

/** Forms only; a body without a type, or an empty one, is a form without fields. */
export function acceptForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  acceptNoBody(app)
  app.addContentTypeParser<string>('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, readFields(body)),
  )
}

/** The names that each request's route asked for, so that those which nobody asked for can be told. */
const namesAsked = new WeakMap<FastifyRequest, Set<string>>()

const bodyOf = ({ body }: FastifyRequest): URLSearchParams =>
  body instanceof URLSearchParams ? body : new URLSearchParams()

function searchOf({ url }: FastifyRequest): URLSearchParams {
  const start = url.indexOf('?')
  return readFields(start < 0 ? '' : url.slice(start + 1))
}

/** The vendor's client for Go escapes the dot in a name, `ChannelData\.To`, because to it a dot leads to a member. */
function readFields(text: string): URLSearchParams {
  const fields = new URLSearchParams()
  for (const [name, value] of new URLSearchParams(text)) fields.append(name.replaceAll('\\.', '.'), value)
  return fields
}

export const formOf = (request: FastifyRequest): Form => readForm(bodyOf(request), askedOf(request))
export const queryOf = (request: FastifyRequest): Form => readForm(searchOf(request), askedOf(request))

function askedOf(request: FastifyRequest): Set<string> {
  const asked = namesAsked.get(request) ?? new Set()
  namesAsked.set(request, asked)
  return asked
}

/** What came in and had no effect. */
export function parametersNotRead(request: FastifyRequest): string[] {
  return [...bodyOf(request).keys(), ...searchOf(request).keys()].filter((name) => !askedOf(request).has(name))
}

/** A list whose filter was ignored would be the wrong list, and look like the right one. */
export function refuseUnknownFilters(request: FastifyRequest): void {
  const [unknown] = [...searchOf(request).keys()].filter((name) => !askedOf(request).has(name))
  if (unknown === undefined) return
  const isName = /^[\w.-]{1,40}$/.test(unknown)
  throw new TwilioFault(
    60200,
    400,
    `Invalid parameter: there is no filter ${isName ? `\`${unknown}\`` : 'of that name'}`,
  )
}

function readForm(fields: URLSearchParams, asked: Set<string>): Form {
  const all = (name: string): string[] => {
    asked.add(name)
    return fields.getAll(name).filter((value) => value !== '')
  }
  const text = (name: string): string | undefined => {
    const value = all(name).at(-1)
    if (value !== undefined && /\p{Cc}/u.test(value)) throw invalidParameter(name)
    return value
  }
  return {
    text,
    all,
    names: () => [...new Set(fields.keys())],
    required(name) {
      const value = text(name)
      if (value === undefined) throw new TwilioFault(60200, 400, `Missing required parameter ${name}`)
      return value
    },
    map: (name, limits) => readMap(name, text(name), limits),
    integer(name, { min, max }) {
      const value = text(name)
      if (value === undefined) return undefined
      const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN
      if (!(number >= min && number <= max)) throw invalidParameter(name, `must be ${min} to ${max}`)
      return number
    },
  }
}

function readMap(
  name: string,
  text: string | undefined,
  { entries, length }: { readonly entries: number; readonly length: number },
): Record<string, string> | undefined {
  if (text === undefined) return undefined
  const parsed = parse(text)
  // What PHP makes of an empty map.
  const value = Array.isArray(parsed) && parsed.length === 0 ? {} : parsed
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidParameter(name, 'must be a JSON object')
  }
  const pairs = Object.entries(value)
  const isPlain = ([key, one]: [string, unknown]): boolean =>
    ['string', 'number', 'boolean'].includes(typeof one) && isShort(key, length) && isShort(String(one), length)
  if (pairs.length > entries || !pairs.every(isPlain)) {
    throw invalidParameter(name, `must hold at most ${entries} texts of at most ${length} characters`)
  }
  return Object.fromEntries(pairs.map(([key, one]) => [key, String(one)]))
}

// U+0000 and halves of characters would come in by JSON's escapes, and no database takes them.
const isShort = (text: string, length: number): boolean =>
  text.length <= length && text.isWellFormed() && !text.includes('\0')

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
