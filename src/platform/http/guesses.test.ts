import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createGuesses } from './guesses.ts'

describe('wrong keys', () => {
  let at = 0
  const guesses = createGuesses({ max: 3, windowMs: 60_000, addressesMax: 2, now: () => at })

  it('are taken so often, then not until the window ends', () => {
    for (let many = 0; many < 3; many++) {
      assert.equal(guesses.waitSeconds('192.0.2.1'), 0)
      guesses.count('192.0.2.1')
    }
    at = 20_000
    assert.equal(guesses.waitSeconds('192.0.2.1'), 40)
    assert.equal(guesses.waitSeconds('192.0.2.2'), 0, 'and of others as before')
    at = 60_000
    assert.equal(guesses.waitSeconds('192.0.2.1'), 0)
  })

  it('of many addresses take no memory without end', () => {
    for (let many = 0; many < 3; many++) guesses.count('192.0.2.1')
    assert.ok(guesses.waitSeconds('192.0.2.1') > 0)
    for (const other of ['192.0.2.2', '192.0.2.3']) guesses.count(other)
    assert.equal(guesses.waitSeconds('192.0.2.1'), 0, 'forgotten')
  })
})
