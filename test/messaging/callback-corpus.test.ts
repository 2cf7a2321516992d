import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { freshNumber } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { ofMessages, textFrom, type ToldSender, toldSender } from './callback-kit.ts'

/** Shapes and names of webhooks in public repositories, a change a line; numbers, names and texts are made up. */
const corpus = readFileSync(new URL('corpus/whatsapp-webhooks.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { field: string; value: object })

interface Told {
  readonly messages?: readonly { readonly id?: string; readonly from?: string; readonly from_user_id?: string }[]
  readonly contacts?: readonly { readonly user_id?: string }[]
}

/** A few at a time: the server has more to do than to wait for a test. */
async function atOnce<Item>(items: readonly Item[], work: (item: Item, index: number) => Promise<void>): Promise<void> {
  const waiting = [...items.entries()]
  const take = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await work(next[1], next[0])
  }
  await Promise.all(Array.from({ length: 6 }, take))
}

describe('what Meta may tell', () => {
  let server: SharedServer
  let sender: ToldSender
  before(async () => {
    server = await sharedServer()
    sender = await toldSender(server)
  })
  after(() => server.stop())

  const countOf = async (prefix: string): Promise<number> => {
    const [row] = await server.database.query<{ count: string }>(
      `select count(*) from message where business_id = $1 and starts_with(provider_message_id, $2)`,
      [server.business.rowId, prefix],
    )
    return Number(row?.count)
  }

  it('is answered with 200 and spoils no neighbour, whatever of 300 kinds it is and whatever is sown into it', async () => {
    assert.equal(corpus.length, 300)
    const unstorable = fc.constantFrom('\0', '\ud83d', '\udc00', '\0\ud800\0')
    const prefix = `wamid.N${process.pid}.`
    const from = freshNumber()
    const sown = fc.sample(fc.infiniteStream(fc.tuple(unstorable, fc.nat())), { numRuns: corpus.length, seed: 12 })
    let sowings = 0
    const sow = (value: unknown, next: () => [string, number]): unknown => {
      if (typeof value === 'string') {
        const [odd, at] = next()
        // Words that say what an item is stay in every second place, so that the rest is looked at too.
        if (/^(text|failed|sent|delivered|read|messages|\d+)$/.test(value) && at % 4 > 0) return value
        sowings++
        const place = at % (value.length + 1)
        return value.slice(0, place) + odd + value.slice(place)
      }
      if (Array.isArray(value)) return value.map((one) => sow(one, next))
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, sow(one, next)]))
    }
    await atOnce(corpus, async ({ field, value }, index) => {
      const stream = sown[index] as Iterator<[string, number]>
      const next = (): [string, number] => stream.next().value as [string, number]
      const { metadata, ...rest } = value as { metadata?: object }
      const changed = { field, value: { ...(sow(rest, next) as object), ...(metadata && { metadata }) } }
      const neighbour = (word: string) => ofMessages({ messages: [textFrom(from, `${prefix}${index}.${word}`, word)] })
      const { status, body } = await sender.post([neighbour('before'), changed, neighbour('after')])
      assert.equal(status, 200, `${field} ${JSON.stringify(changed)}: ${JSON.stringify(body)}`)
    })
    assert.equal(await countOf(prefix), 2 * corpus.length)
    assert.ok(sowings > 1000, String(sowings))
  })

  it('is answered with 200 as it came, too, and every message of it is kept', async () => {
    const wanted = new Set<string>()
    const tens = Array.from({ length: 30 }, (_, n) => corpus.slice(10 * n, 10 * n + 10))
    await atOnce(tens, async (ten, n) => assert.equal((await sender.post(ten)).status, 200, String(n)))
    for (const { field, value } of corpus) {
      const { messages = [], contacts = [] } = value as Told
      if (field !== 'messages') continue
      for (const { id, from, from_user_id: userId } of messages)
        if (id !== undefined && (from ?? userId ?? contacts[0]?.user_id) !== undefined) wanted.add(id)
    }
    const rows = await server.database.query<{ id: string }>(
      `select provider_message_id as id from message where business_id = $1 and starts_with(provider_message_id, 'wamid.C')`,
      [server.business.rowId],
    )
    const found = new Set(rows.map(({ id }) => id))
    const missing = [...wanted].filter((id) => !found.has(id))
    assert.ok(wanted.size > 90, String(wanted.size))
    assert.deepEqual(missing, [])
  })
})
