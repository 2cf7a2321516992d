import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createBodyRoom } from './body-room.ts'

describe('room for bodies', () => {
  it('is for all together, a part of it for each, and comes back once', () => {
    const room = createBodyRoom({ bytesMax: 10, ofOneBytesMax: 6 })
    const giveBack = room.take('one', 4)
    assert.ok(giveBack)
    assert.equal(room.take('one', 3), undefined, 'more than one may')
    assert.ok(room.take('other', 6))
    assert.equal(room.take('third', 1), undefined, 'all is taken')
    giveBack()
    giveBack()
    assert.equal(room.take('third', 5), undefined, 'given back once')
    assert.ok(room.take('third', 4))
  })
})
