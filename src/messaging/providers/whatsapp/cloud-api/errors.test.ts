import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { judgeGraphError, wordsOfError } from './errors.ts'

describe("Meta's error codes", () => {
  it('of what will fail again raise an alert, also codes that nobody knows', () => {
    for (const code of [
      100,
      131008,
      131009,
      132000,
      132005,
      132008,
      132012,
      132018,
      190,
      10,
      200,
      299,
      131042,
      131030,
      987654,
      '',
    ])
      assert.equal(judgeGraphError(code, '').failure.alert, true, String(code))
    for (const code of [131026, 131056, 130429, 131047, 137000, 131021])
      assert.equal(judgeGraphError(code, '').failure.alert, false, String(code))
    assert.equal(judgeGraphError(987654, '').failure.isUnknown, true)
    assert.equal(judgeGraphError(131026, '').failure.isUnknown, undefined)
  })

  it('say what to do where that can be said', () => {
    for (const [code, detail, pattern] of [
      [131042, '', /payment method/],
      [131030, '', /test numbers/],
      [190, '', /new token/],
      [10, '', /system user/],
      [200, 'App is not live', /App Mode to Live/],
      [10, 'Application is in development mode', /App Mode to Live/],
      [131005, '(#200) the app has not been published yet: the app is not published', /App Mode to Live/],
      [132018, '', /centang templates/],
    ] as const)
      assert.match(judgeGraphError(code, detail).failure.mend ?? '', pattern, String(code))
    assert.equal(judgeGraphError(131026, 'not live on this planet').failure.mend, undefined)
  })

  it('of messages that Meta takes for marketing are about the template where codes are sent, and about nothing elsewhere', () => {
    for (const code of [131049, 131050, 130472]) {
      const { failure } = judgeGraphError(code, '', { purpose: 'authentication' })
      assert.deepEqual([failure.alert, /wrong category/.test(failure.mend ?? '')], [true, true])
      const chat = judgeGraphError(code, '', { purpose: 'utility' }).failure
      assert.deepEqual([chat.alert, chat.mend], [false, undefined])
    }
  })

  it('are none of the names that every object has', () => {
    for (const code of ['constructor', 'toString', '__proto__'])
      assert.deepEqual(
        [judgeGraphError(code, '').failure.reason, judgeGraphError(code, '').failure.fallback],
        ['unspecified', true],
      )
  })

  it('come with the details of Meta, else with its message without the code', () => {
    const data = { error_data: { details: 'Which parameter it was.' } }
    assert.equal(wordsOfError({ message: '(#100) Invalid parameter', ...data }), 'Which parameter it was.')
    assert.equal(wordsOfError({ message: '(#190) Error validating access token' }), 'Error validating access token')
    assert.equal(wordsOfError({ message: '(#10) no right to +6281234567890' }), 'no right to …')
    assert.equal(wordsOfError({ title: 'Account has been locked' }), 'Account has been locked')
    assert.equal(wordsOfError({ message: 7, error_data: null }), '')
  })
})
