import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sending } from '#verification/port.ts'
import { countSendings, findSendings } from './scan-sendings.ts'

/** Newest first, as the store gives them: every thousandth is Canadian. */
const sendings = Array.from({ length: 30_500 }, (_, index) => ({
  id: String(99_999 - index),
  recipient: index % 1000 === 999 ? '+14165550123' : '+12125550123',
  verificationStatus: index % 2000 === 1999 ? 'approved' : 'expired',
})) as unknown as Sending[]
let asked = 0

const takes = {
  verification: {
    sendings: {
      async listSendings({ before, limit }: { before?: string; limit: number }) {
        asked++
        const from = before === undefined ? 0 : sendings.findIndex(({ id }) => id === before) + 1
        return sendings.slice(from, from + limit)
      },
      countSendings: async () => ({ all: sendings.length, converted: 0 }),
    },
  },
} as unknown as Parameters<typeof findSendings>[0]
const filter = { sendings: { businessId: '', live: false, recipientPrefixes: ['+1'] }, country: 'CA' }

test('a page of a rare country looks at so many, says where it stopped, and the pages together have them all', async () => {
  const seen: string[] = []
  let pages = 0
  for (let after: string | undefined; ; pages++) {
    const before = asked
    const page = await findSendings(takes, filter, { number: pages, size: 50, skip: 0, ...(after && { after }) })
    assert.ok(asked - before <= 10)
    seen.push(...page.found.map(({ id }) => id))
    if (page.goesOnAfter === undefined) break
    after = page.goesOnAfter
  }
  assert.deepEqual([seen.length, new Set(seen).size, pages], [30, 30, 3])
})

test('a page that is full ends where it is full', async () => {
  const { found, goesOnAfter } = await findSendings(takes, filter, { number: 0, size: 4, skip: 1 })
  assert.deepEqual([found.length, goesOnAfter], [6, undefined])
})

test('a sum looks at each, and refuses to look at very many', async () => {
  assert.deepEqual(await countSendings(takes, filter), { all: 30, converted: 15 })
  sendings.push(...sendings.slice(0, 20_000))
  await assert.rejects(countSendings(takes, filter), /narrow it by DateCreatedAfter/)
})
