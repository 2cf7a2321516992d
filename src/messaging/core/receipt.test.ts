import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { deliveryStatuses } from '#platform/core/delivery-status.ts'
import { applyReceipt, deliveryRank } from './receipt.ts'
import { readReference, spellReference } from './reference.ts'

const news = fc.array(fc.constantFrom(...deliveryStatuses), { minLength: 1, maxLength: 8 })

describe('receipts', () => {
  it('end in the same status in any order and any number', () => {
    fc.assert(
      fc.property(news, fc.integer(), (statuses, turn) => {
        const end = statuses.reduce(applyReceipt, 'queued')
        const shuffled = statuses.toSorted(
          (a, b) => ((deliveryRank(a) * 7 + turn) % 5) - ((deliveryRank(b) * 7 + turn) % 5),
        )
        assert.equal([...shuffled, ...shuffled].reduce(applyReceipt, 'queued'), end)
      }),
    )
  })

  it('only raise', () => {
    assert.equal(applyReceipt('read', 'delivered'), 'read')
    assert.equal(applyReceipt('failed', 'sent'), 'failed')
    assert.equal(applyReceipt('failed', 'delivered'), 'delivered')
    assert.equal(applyReceipt('unknown', 'sent'), 'sent')
  })
})

it('a reference survives the way to a provider and back, and nothing else is taken for one', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), (businessId, deliveryId) => {
      assert.deepEqual(readReference(spellReference(businessId, deliveryId)), { businessId, deliveryId })
    }),
  )
  for (const text of ['', 'x', '.', `${'0'.repeat(32)}.`, `${'0'.repeat(32)}.${'g'.repeat(32)}`])
    assert.equal(readReference(text), undefined)
})
