import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { personOf } from './person.ts'

test('every spelling of one phone is one person', () => {
  for (const spellings of [
    ['+5491123456789', '+541123456789'],
    ['+5492966456789', '+542966456789'],
    ['+5215512345678', '+525512345678'],
    ['+5511987654321', '+551187654321'],
    ['+5571991234567', '+557191234567'],
    ['John.Smith@example.com', 'john.smith@example.com'],
  ])
    assert.equal(new Set(spellings.map(personOf)).size, 1, spellings.join(' '))
})

test('neighbours, desks and other countries stay who they are', () => {
  for (const [one, other] of [
    ['+5511987654321', '+5511987654322'],
    // A landline has eight digits and no mobile twin.
    ['+551137654321', '+5511937654321'],
    ['+5491123456789', '+5491123456780'],
    ['+525512345678', '+525512345679'],
    ['a.b@example.com', 'ab@example.com'],
  ] as const)
    assert.notEqual(personOf(one), personOf(other))
  for (const other of ['+6281234567890', '+12025550100', '+5219', '+54911', '+34911234567', '+5926123456'])
    assert.equal(personOf(other), other)
})

test('the person of a person is that person', () => {
  const number = fc.tuple(fc.constantFrom('54', '549', '52', '521', '55', '1', '62'), fc.stringMatching(/^\d{4,11}$/))
  fc.assert(
    fc.property(number, ([country, rest]) => {
      const person = personOf(`+${country}${rest}`)
      assert.equal(personOf(person), person)
    }),
  )
})
