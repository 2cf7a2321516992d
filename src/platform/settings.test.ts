import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readSettings } from './setting-kit.ts'
import { platformSettings } from './settings.ts'

const key = (byte: number): string => Buffer.alloc(32, byte).toString('base64')

describe('the settings', () => {
  it('keep the master keys in the order in which they are listed', () => {
    const listed = (text: string): number[] => [
      ...(readSettings(platformSettings, { CENTANG_MASTER_KEY: text }).masterKeys?.keys() ?? []),
    ]
    assert.deepEqual(listed(key(1)), [1])
    assert.deepEqual(listed(`1:${key(1)},2:${key(2)}`), [1, 2])
    assert.deepEqual(listed(`2:${key(2)}, 1:${key(1)}`), [2, 1])
    assert.throws(() => listed(`1:${key(1)},1:${key(2)}`), /version 1 twice/)
  })
})
