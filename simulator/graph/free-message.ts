import type { World } from '../world.ts'
import { type Composed, fromBusiness } from './composed.ts'
import { badParameter, GraphError } from './errors.ts'
import { type Fields, fieldsOf, textOf } from './fields.ts'

const openForMs = 86_400_000
const waitsSeconds = 86_400
const textMax = 4096

/** Types of the platform that have no screen here. */
const notPlayed = new Set('image audio video document sticker location contacts interactive reaction'.split(' '))

/** Free text is taken at any time and fails later, unless the person wrote to the business in the last 24 hours. */
export function freeMessage(world: World, type: string, body: Fields, digits: string): Composed {
  if (notPlayed.has(type)) throw new GraphError(131051, `The simulator does not play messages of type ${type}.`)
  if (type !== 'text') throw badParameter(`Param type must be one of text, template, ${[...notPlayed].join(', ')}.`)
  const text = textOf(fieldsOf(body['text'])['body'])
  if (text === undefined || text.length > textMax)
    throw new GraphError(131009, `text.body must have 1 to ${textMax} characters.`)
  const { lastWroteAt } = world.handset(digits)
  const isOpen = lastWroteAt !== undefined && world.clock.now() - lastWroteAt < openForMs
  return {
    category: 'service',
    ttlSeconds: waitsSeconds,
    ...(!isOpen && { failsWith: 131047 }),
    screen: {
      ...fromBusiness(world.account),
      text,
      textMarkup: text,
      footer: undefined,
      code: undefined,
      buttons: [],
    },
  }
}
