import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isBefore, readCursor, spellCursor } from './cursor.ts'

describe('a cursor', () => {
  it('is three numbers that the database can hold', () => {
    for (const text of ['1-1-1', '0-0-0', '32767-281474976710655-9223372036854775807']) {
      const cursor = readCursor(text)
      assert.ok(cursor, text)
      assert.equal(spellCursor(cursor), text)
    }
    const none = ['', '1', '1-1', '1-1-', '-1-1', '32768-1-1', '1-281474976710656-1', '1-1-9223372036854775808']
    for (const text of [...none, '1-1-1-1', ' 1-1-1', '1-1-1\n', '١-١-١'])
      assert.equal(readCursor(text), undefined, JSON.stringify(text))
  })

  it('stands before another by epoch, then transaction, then sequence', () => {
    const inOrder = ['1-2-9', '1-10-1', '1-10-2', '2-1-1']
    for (const [n, a] of inOrder.entries())
      for (const [m, b] of inOrder.entries()) assert.equal(isBefore(a, b), n < m, `${a} ${b}`)
  })
})
