import { invalidParameter } from './errors.ts'
import type { Form } from './form.ts'

/** Day, then time, then zone; a `+` that came unescaped is a blank by now. */
const shape =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d|(?<=\s)\d\d:?\d\d)?)?$/i

/**
 * A time as some client of the vendor's writes it. The one for Java leaves the zone out: that is UTC, whatever zone this
 * server lives in.
 */
export function readTime(form: Form, name: string): Date | undefined {
  const text = form.text(name)?.trim()
  if (text === undefined) return undefined
  const at = timeOf(text)
  if (at === undefined) throw invalidParameter(name, 'must be a time like 2026-11-30T20:00:00Z')
  return at
}

export function timeOf(text: string): Date | undefined {
  const [, day, time = '00:00', fraction = '0', zone = 'Z'] = shape.exec(text) ?? []
  if (day === undefined) return undefined
  // A day that no month has would be one of the next month.
  const isDay = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(isDay.getTime()) || isDay.toISOString().slice(0, 10) !== day) return undefined
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : zone.replace(/^(?=\d)/, '+').replace(/^(...):?(..)$/, '$1:$2')
  const seconds = time.length === 5 ? `${time}:00` : time
  const at = new Date(`${day}T${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}${offset}`)
  return Number.isNaN(at.getTime()) ? undefined : at
}
