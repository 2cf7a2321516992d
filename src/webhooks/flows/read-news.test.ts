import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EventSubjects } from '#platform/core/event-subject.ts'
import type { LoggedEvent, WebhookFormat, WebhookFormats } from '#webhooks/core/format.ts'
import { readNews } from './read-news.ts'
import { standardFormat } from './standard-format.ts'

const subject = (facts?: object) => ({
  idPrefix: 'sub',
  description: '',
  permission: 'read',
  isOfApplication: false,
  kinds: {},
  told: {},
  ...(facts && { facts: { name: facts } }),
})
const subjects: EventSubjects = { order: subject({}), parcel: subject({}), letter: subject() }

const event = (subjectKind: string, subjectId: string): LoggedEvent => ({
  businessId: 'b',
  live: false,
  subjectKind,
  subjectId,
  sequence: '1',
  kind: `${subjectKind}.made`,
  data: {},
  at: new Date(0),
})
const claimed = (id: string, format: string, of: LoggedEvent | undefined) => ({ id, format, event: of })

const formatOf = (readFacts: WebhookFormat['readFacts']): WebhookFormat => ({
  ...standardFormat({}, {}),
  readFacts,
})

describe('what claimed webhooks tell', () => {
  it('is read in one look a subject, each finds its own, and what is gone is not told', async () => {
    const looks: string[][] = []
    const read = (known: readonly string[]) => async (keys: readonly { readonly id: string }[]) => {
      looks.push(keys.map(({ id }) => id))
      return new Map(known.map((id) => [id, { name: `name of ${id}` }]))
    }
    const standard = standardFormat(subjects, { order: read(['1', '2']), parcel: read(['3']) })
    const found = await readNews(
      new Map([['standard', standard as WebhookFormat]]),
      [
        claimed('a', 'standard', event('order', '1')),
        claimed('b', 'standard', event('parcel', '3')),
        claimed('c', 'standard', event('order', '2')),
        claimed('d', 'standard', event('parcel', '4')),
        claimed('e', 'standard', event('letter', '5')),
        claimed('f', 'standard', undefined),
        claimed('g', 'standard', event('stranger', '6')),
      ],
      assert.ifError,
    )
    assert.deepEqual(looks, [
      ['1', '2'],
      ['3', '4'],
    ])
    assert.deepEqual(
      found.map(({ id, news }) => [id, news?.facts]),
      [
        ['a', { name: 'name of 1' }],
        ['b', { name: 'name of 3' }],
        ['c', { name: 'name of 2' }],
        ['d', undefined],
        ['e', {}],
        ['f', undefined],
        ['g', undefined],
      ],
    )
  })

  it('of one format that can not be read holds up no other', async () => {
    const errors: unknown[] = []
    const broken = new Error('the database is away')
    const formats: WebhookFormats = new Map([
      ['good', formatOf(async (events) => events.map(() => 'told'))],
      ['broken', formatOf(() => Promise.reject(broken))],
    ])
    const wanted = [claimed('a', 'broken', event('order', '1')), claimed('b', 'good', event('order', '2'))]
    const found = await readNews(formats, wanted, (error) => errors.push(error))
    assert.deepEqual(
      found.map(({ id, news }) => [id, news?.facts]),
      [['b', 'told']],
    )
    assert.deepEqual(errors, [broken])
  })
})
