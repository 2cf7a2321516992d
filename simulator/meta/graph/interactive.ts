import type { PhoneButton, PhoneMessage } from '../../handsets/handset.ts'
import { GraphError } from './errors.ts'
import { type Fields, fieldsOf, listOf, textOf } from './fields.ts'

type Shown = Pick<PhoneMessage, 'text' | 'textMarkup' | 'footer' | 'buttons' | 'listLabel'>

const bodyMax = { button: 1024, list: 4096 } as const
const shortMax = 60
const titleMax = { button: 20, list: 24 } as const
const rowsMax = 10

/** Reply buttons and lists (Cloud API, "Interactive messages"); of the other types nothing is played. */
export function readInteractive(interactive: Fields): Shown {
  const type = textOf(interactive['type'])
  if (type !== 'button' && type !== 'list')
    throw new GraphError(131051, `The simulator does not play interactive messages of type ${String(type)}.`)
  const body = limited(fieldsOf(interactive['body'])['text'], 'body.text', bodyMax[type])
  const header = interactive['header'] === undefined ? undefined : readHeader(fieldsOf(interactive['header']))
  const footer = interactive['footer'] === undefined ? undefined : fieldsOf(interactive['footer'])['text']
  const action = fieldsOf(interactive['action'])
  const markup = header === undefined ? body : `*${header}*\n\n${body}`
  return {
    text: markup.replaceAll('*', ''),
    textMarkup: markup,
    footer: footer === undefined ? undefined : limited(footer, 'footer.text', shortMax),
    ...(type === 'button' ? { buttons: readButtons(action) } : readList(action)),
  }
}

function readHeader(header: Fields): string {
  if (header['type'] !== 'text') throw invalid('header.type must be text: the simulator plays no media.')
  return limited(header['text'], 'header.text', shortMax)
}

function readButtons(action: Fields): PhoneButton[] {
  const given = listOf(action['buttons'])
  if (given.length < 1 || given.length > 3) throw invalid('action.buttons must have 1 to 3 buttons.')
  const buttons = given.map((one): PhoneButton => {
    if (one['type'] !== 'reply') throw invalid('action.buttons[].type must be reply.')
    const reply = fieldsOf(one['reply'])
    return {
      id: limited(reply['id'], 'reply.id', 256),
      kind: 'reply',
      label: limited(reply['title'], 'reply.title', titleMax.button),
    }
  })
  requireDistinct(
    buttons.map(({ id }) => id),
    'reply.id',
  )
  requireDistinct(
    buttons.map(({ label }) => label),
    'reply.title',
  )
  return buttons
}

function readList(action: Fields): Pick<Shown, 'buttons' | 'listLabel'> {
  const sections = listOf(action['sections'])
  if (sections.length < 1 || sections.length > 10) throw invalid('action.sections must have 1 to 10 sections.')
  for (const { title } of sections as readonly { title?: unknown }[])
    if (title !== undefined || sections.length > 1) limited(title, 'section.title', titleMax.list)
  const rows = sections.flatMap((section) => listOf(section['rows']))
  if (rows.length < 1 || rows.length > rowsMax) throw invalid(`Total row count must be 1 to ${rowsMax}.`)
  const buttons = rows.map((row): PhoneButton => {
    const { description } = row
    return {
      id: limited(row['id'], 'row.id', 200),
      kind: 'choice',
      label: limited(row['title'], 'row.title', titleMax.list),
      ...(description !== undefined && { description: limited(description, 'row.description', 72) }),
    }
  })
  requireDistinct(
    buttons.map(({ id }) => id),
    'row.id',
  )
  return { buttons, listLabel: limited(action['button'], 'action.button', titleMax.button) }
}

function limited(value: unknown, name: string, max: number): string {
  const text = textOf(value)
  if (text === undefined || text.length > max) throw invalid(`${name} must have 1 to ${max} characters.`)
  return text
}

function requireDistinct(values: readonly string[], name: string): void {
  if (new Set(values).size < values.length) throw invalid(`${name} must be unique.`)
}

const invalid = (details: string): GraphError => new GraphError(131009, details)
