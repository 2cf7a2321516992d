import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isLoopback, openDemoProblem } from './reach.ts'

describe('a demo', () => {
  it('begins on this machine alone, or where it is told to', () => {
    for (const host of [
      '127.0.0.1',
      'localhost',
      'LOCALHOST',
      '::1',
      '[::1]',
      '127.1.2.3',
      'app.localhost',
      'localhost.',
    ])
      assert.equal(openDemoProblem(host, false), undefined, host)
    for (const host of [
      '0.0.0.0',
      '::',
      '',
      '192.168.1.20',
      '203.0.113.5',
      'localhost.evil.example',
      '127.0.0.1.nip.io',
    ])
      assert.match(openDemoProblem(host, false) ?? '', /CENTANG_DEMO_ON_NETWORK=on/, host)
    assert.equal(openDemoProblem('0.0.0.0', true), undefined)
    assert.ok(!isLoopback('128.0.0.1'))
  })
})
