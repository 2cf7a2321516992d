import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readConfig } from './config.ts'

const key = (byte: number): string => Buffer.alloc(32, byte).toString('base64')

describe('the settings', () => {
  it('keep the master keys in the order in which they are listed', () => {
    const listed = (text: string): number[] => [...(readConfig({ CENTANG_MASTER_KEY: text }).masterKeys?.keys() ?? [])]
    assert.deepEqual(listed(key(1)), [1])
    assert.deepEqual(listed(`1:${key(1)},2:${key(2)}`), [1, 2])
    assert.deepEqual(listed(`2:${key(2)}, 1:${key(1)}`), [2, 1])
    assert.throws(() => listed(`1:${key(1)},1:${key(2)}`), /version 1 twice/)
  })

  it('take nothing but a test key for the demo', () => {
    assert.equal(readConfig({ CENTANG_DEMO_KEY: 'ck_test_my_own_key' }).demoKey, 'ck_test_my_own_key')
    for (const given of ['ck_live_my_own_key', 'my_own_key', 'ck_test_short'])
      assert.throws(() => readConfig({ CENTANG_DEMO_KEY: given }), /CENTANG_DEMO_KEY must be a test key/)
  })
})
