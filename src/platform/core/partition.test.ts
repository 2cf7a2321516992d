import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { dayMs } from './kept.ts'
import { lowestIdAt, type PartitionRange, planPartitions, readPartition, restOf, spellPartition } from './partition.ts'

const day = (text: string): number => Date.parse(`${text}T00:00:00Z`) / dayMs
const at = (text: string): Date => new Date(`${text}Z`)

describe('the plan of partitions', () => {
  it('covers today and at least a week ahead, in pieces of a quarter of the period', () => {
    const { make, drop } = planPartitions({ existing: [] }, at('2026-12-01T13:00'), 30 * dayMs)
    assert.deepEqual(make, [{ from: day('2026-12-01'), to: day('2026-12-09') }])
    assert.deepEqual(drop, [])
    const daily = planPartitions({ existing: [] }, at('2026-12-01T13:00'), 4 * dayMs).make
    assert.equal(daily.length, 8)
    assert.equal(daily.at(-1)?.to, day('2026-12-09'))
  })

  it('drops a partition when the youngest row that it may hold is past the period, and not a moment before', () => {
    const old = { from: day('2026-10-01'), to: day('2026-10-09') }
    const kept = 30 * dayMs
    assert.deepEqual(planPartitions({ existing: [old] }, at('2026-11-07T23:59:59.999'), kept).drop, [])
    assert.deepEqual(planPartitions({ existing: [old] }, at('2026-11-08T00:00'), kept).drop, [old])
  })

  it('leaves no gap and no overlap, however the period is changed on the way', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 400 })), { maxLength: 40 }),
        (steps) => {
          let ranges: PartitionRange[] = []
          let now = Date.parse('2026-12-01T00:00:00Z')
          for (const [days, period] of steps) {
            now += days * dayMs
            const { make, drop } = planPartitions({ existing: ranges }, new Date(now), period * dayMs)
            for (const one of drop) assert.ok(one.to * dayMs <= now - period * dayMs)
            ranges = [...ranges.filter((one) => !drop.includes(one)), ...make].toSorted((a, b) => a.from - b.from)
            for (const [index, one] of ranges.entries()) {
              const before = ranges[index - 1]
              if (before) assert.ok(one.from >= before.to, 'no day twice')
              // Longer away than they reach ahead: the days in between have none, and no day since.
              if (before && one.from > before.to) assert.ok(one.from * dayMs <= now, 'no gap that is still to come')
            }
            assert.ok((ranges.at(-1)?.to ?? 0) * dayMs > now + 7 * dayMs, 'a week ahead')
          }
        },
      ),
    ))

  it('reads from a name what it wrote into it', () => {
    const range = { from: day('2026-12-31'), to: day('2027-01-08') }
    assert.equal(spellPartition('event', range), 'event_20261231_20270108')
    assert.deepEqual(readPartition('event', 'event_20261231_20270108'), range)
    for (const name of [restOf('event'), 'event', 'events_20261231_20270108', 'delivery_20261231_20270108'])
      assert.equal(readPartition('event', name), undefined, name)
  })

  it('makes nothing over rows that found no partition', () => {
    const youngestOfRest = at('2026-12-03T10:00')
    const { make } = planPartitions({ existing: [], youngestOfRest }, at('2026-12-01T13:00'), 30 * dayMs)
    assert.equal(make[0]?.from, day('2026-12-04'))
  })

  it('finds the lowest id of a moment', () => {
    assert.equal(lowestIdAt(new Date(0)), '00000000-0000-0000-0000-000000000000')
    assert.equal(lowestIdAt(new Date(0x0123_4567_89ab)), '01234567-89ab-0000-0000-000000000000')
  })
})
