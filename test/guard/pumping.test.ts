import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Counters } from '#guard/store/counters.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { seed, shareOf } from '../kit/exploration.ts'
import { countersOf } from './counters.ts'
import { atRandom, confirming, consecutive, inOrder, launch } from './crowds.ts'
import { freshStory, mostPerPrefix, type Outcome, play } from './pumping.ts'

const hour = 3600

/** What leaves under attack and what honest people lose, against the real statements with a clock of the test's own. */
describe(`pumping (seed ${seed})`, () => {
  let database: TestDatabase
  let counters: Counters
  before(async () => {
    database = await freshDatabase()
    counters = countersOf(database)
  })
  after(async () => {
    await counters.close()
    await database.drop()
  })

  const tell = (name: string, { asked, sent, refusedBy }: Outcome): void => {
    const by = [...refusedBy].map(([rule, count]) => `${count} ${rule}`).join(', ')
    process.stdout.write(`  ${name}: ${sent} of ${asked} left${by === '' ? '' : ` (refused: ${by})`}\n`)
  }
  const attack = async (name: string, askings: Parameters<typeof play>[1]): Promise<Outcome> => {
    const outcome = await play(await freshStory(database, counters, { countries: ['ID', 'UY', 'GB'] }), askings)
    tell(name, outcome)
    return outcome
  }

  it('to 350 consecutive numbers at once is stopped', async () => {
    const found = await attack('350 consecutive numbers in 1.2 s', consecutive(6281234560000, 350, 1.2))
    assert.ok(mostPerPrefix(found.sentTo, 4) <= 30)
  })

  it('is not stopped where the rules are off', async () => {
    const rules = Object.fromEntries(
      (['unproven_block', 'unproven_range', 'unproven_country'] as const).map((rule) => [
        rule,
        { mode: 'record' as const },
      ]),
    )
    const found = await play(
      await freshStory(database, counters, { countries: ['ID'], rules }),
      consecutive(6281234560000, 350, 1.2),
    )
    assert.equal(found.sent, 350)
  })

  it('to numbers at random of an allowed country is stopped', async () => {
    const found = await attack(
      '1,500 random numbers of an allowed country in an hour',
      atRandom(seed, 'ID', 1500, hour),
    )
    assert.ok(found.sent <= 330)
  })

  it('in drops under the caps is stopped', async () => {
    const drops = Array.from({ length: 20 }, (_, n) => consecutive(6281234560000 + n * 10_000, 100, 24 * hour))
    const found = await attack('2,000 in 24 hours, dripping to 20 blocks', inOrder(...drops))
    assert.ok(mostPerPrefix(found.sentTo, 4) <= 55)
    assert.ok(found.sent <= 650)
  })

  it('by somebody who enters one code in five is stopped', async () => {
    const found = await attack(
      '1,000 to one block, one in five entered',
      confirming(consecutive(6281234560000, 1000, hour), 5),
    )
    assert.ok(found.sent <= 100)
    const spread = confirming(atRandom(seed + 1, 'ID', 2000, hour), 5)
    const wide = await attack('2,000 at random, one in five entered', spread)
    // Each code that is entered makes room for three messages and no more, in whatever order they come.
    const able = new Set(spread.filter(({ provesAfter }) => provesAfter !== undefined).map(({ number }) => number))
    const proven = wide.sentTo.filter((number) => able.has(number)).length
    assert.ok(wide.sent <= 300 + 3 * proven + 20, `${wide.sent} of which ${proven} proven`)
  })

  it('hardly touches an honest launch', async () => {
    for (const country of shareOf(['UY', 'ID'] as const, ['UY'] as const)) {
      const people = launch(seed, { country, people: 5000, withinSeconds: hour, verified: 0.7 })
      const found = await attack(`honest launch, 5,000 people of ${country} in an hour`, people)
      assert.ok((found.asked - found.sent) / found.asked < 0.001)
    }
  })

  it('beside an honest launch is stopped, and the honest still hardly touched', async () => {
    const count = shareOf(5000, 1500)
    const people = launch(seed, { country: 'ID', people: count, withinSeconds: hour, verified: 0.7 })
    const honest = new Set(people.map(({ number }) => number))
    const pumping = consecutive(6281934560000, 1000, hour)
    const found = await attack('the same launch with 1,000 consecutive numbers among it', inOrder(people, pumping))
    const served = found.sentTo.filter((number) => honest.has(number)).length
    assert.ok((people.length - served) / people.length < 0.001)
    assert.ok(
      mostPerPrefix(
        found.sentTo.filter((number) => !honest.has(number)),
        4,
      ) <= 30,
    )
  })
})
