import type { World } from '../../world/world.ts'
import type { AccountNumber } from '../account.ts'
import { type Composed, fromBusiness } from './composed.ts'
import { badParameter, GraphError } from './errors.ts'
import { type Fields, fieldsOf, textOf } from './fields.ts'
import { readInteractive } from './interactive.ts'

const openForMs = 86_400_000
const waitsSeconds = 86_400
const textMax = 4096

/** Types of the platform that have no screen here. */
const notPlayed = new Set('image audio video document sticker location contacts reaction'.split(' '))

/**
 * What is not a template is taken at any time and fails later, unless the person wrote to the number in the last 24
 * hours.
 */
export function freeMessage(world: World, number: AccountNumber, type: string, body: Fields, digits: string): Composed {
  if (notPlayed.has(type)) throw new GraphError(131051, `The simulator does not play messages of type ${type}.`)
  if (type !== 'text' && type !== 'interactive')
    throw badParameter(`Param type must be one of text, template, interactive, ${[...notPlayed].join(', ')}.`)
  const shown = type === 'text' ? { text: readText(body), buttons: [] } : readInteractive(fieldsOf(body['interactive']))
  const lastWroteAt = world.handset(digits).lastWroteAt.get(number.phoneNumberId)
  const isOpen = lastWroteAt !== undefined && world.clock.now() - lastWroteAt < openForMs
  return {
    category: 'service',
    ttlSeconds: waitsSeconds,
    ...(!isOpen && { failsWith: 131047 }),
    screen: { ...fromBusiness(number), textMarkup: shown.text, footer: undefined, code: undefined, ...shown },
  }
}

function readText(body: Fields): string {
  const text = textOf(fieldsOf(body['text'])['body'])
  if (text === undefined || text.length > textMax)
    throw new GraphError(131009, `text.body must have 1 to ${textMax} characters.`)
  return text
}
