import assert from 'node:assert/strict'
import test from 'node:test'
import { problemOfField } from './field-problem.ts'

test('what a validator found is said without the words of schemas', () => {
  const said = [
    {
      keyword: 'enum',
      message: 'must be equal to one of the allowed values',
      params: { allowedValues: ['sms', 'whatsapp'] },
    },
    { keyword: 'const', message: 'must be equal to constant', params: { allowedValue: 'live' } },
    { keyword: 'boolean', message: 'schema is false', params: {} },
    {
      keyword: 'additionalProperties',
      message: 'must NOT have additional properties',
      params: { additionalProperty: 'x' },
    },
    {
      keyword: 'additionalProperties',
      message: 'must not have additional properties',
      params: { additionalProperties: ['x'] },
    },
    { keyword: 'maxLength', message: 'must NOT have more than 4 characters', params: { limit: 4 } },
  ].map(problemOfField)
  assert.deepEqual(said, [
    'must be one of sms, whatsapp',
    'must be live',
    'is not known here',
    'has a member that is not known here',
    undefined,
    'must NOT have more than 4 characters',
  ])
})
