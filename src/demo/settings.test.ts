import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readSettings } from '#platform/setting-kit.ts'
import { demoSettings } from './settings.ts'

describe('the settings of the demo', () => {
  it('take nothing but a test key for the demo', () => {
    assert.equal(readSettings(demoSettings, { CENTANG_DEMO_KEY: 'ck_test_my_own_key' }).demoKey, 'ck_test_my_own_key')
    for (const given of ['ck_live_my_own_key', 'my_own_key', 'ck_test_short'])
      assert.throws(
        () => readSettings(demoSettings, { CENTANG_DEMO_KEY: given }),
        /CENTANG_DEMO_KEY must be a test key/,
      )
  })
})
