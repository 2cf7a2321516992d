import assert from 'node:assert/strict'
import test from 'node:test'
import { form, namesForm, problemOfField } from './field-problem.ts'

const schema = {
  properties: {
    currency: { type: 'string', ...form('^[A-Z]{3}$', 'three capital letters, like IDR') },
    'a/b': { properties: { c: {} }, additionalProperties: false },
    metadata: { patternProperties: { '^[a-z]$': {} }, ...namesForm('one of a-z') },
  },
}

const said = (keyword: string, params: object = {}, schemaPath = '#/x'): string | undefined =>
  problemOfField({ keyword, params, schemaPath, message: 'must match the schema' }, schema)

test('what a validator found is said without the words of schemas', () => {
  const sayings: readonly (readonly [string | undefined, string | undefined])[] = [
    [said('enum', { allowedValues: ['sms', 'whatsapp', null] }), 'must be one of sms, whatsapp'],
    [said('const', { allowedValue: 'live' }), 'must be live'],
    [said('type', { type: 'string' }), 'must be a text'],
    [said('type', { type: ['integer', 'null'] }), 'must be a whole number or null'],
    [said('required', { missingProperty: 'to' }), 'is missing'],
    [said('required', { requiredProperties: ['url', 'body'] }), 'lacks url, body'],
    [said('format', { format: 'date-time' }), 'must be a time like 2026-11-25T04:00:00Z'],
    [said('minLength', { limit: 1 }), 'must not be empty'],
    [said('minLength', { limit: 8 }), 'must have at least 8 characters'],
    [problemOfField({ keyword: 'x-shown', message: 'must be one line' }), 'must be one line'],
  ]
  for (const [is, shouldBe] of sayings) assert.equal(is, shouldBe)
})

test('it names what would be right, which stands in the schema where the fault is', () => {
  const pattern = { pattern: '^[A-Z]{3}$' }
  // As ajv spells the place, and as TypeBox does.
  for (const place of ['#/properties/currency/pattern', '#/properties/currency'])
    assert.equal(said('pattern', pattern, place), 'must be three capital letters, like IDR')
  const unknown = 'has a member that is not known here'
  assert.equal(
    said('additionalProperties', { additionalProperty: 'x' }, '#/additionalProperties'),
    `${unknown}; known are currency, a/b, metadata`,
  )
  assert.equal(
    said('additionalProperties', { additionalProperty: 'x' }, '#/properties/a~1b/additionalProperties'),
    `${unknown}; known are c`,
  )
  assert.equal(
    said('boolean', {}, '#/properties/metadata/additionalProperties'),
    'is not known here; a name is one of a-z',
  )
})

test('what is said beside another fault is not said twice', () => {
  // TypeBox tells of each member that is unknown, and then of all together; a body that may be left out may be null.
  assert.equal(said('additionalProperties', { additionalProperties: ['x'] }), undefined)
  assert.equal(said('type', { type: 'null' }), undefined)
  assert.equal(said('anyOf'), undefined)
})
