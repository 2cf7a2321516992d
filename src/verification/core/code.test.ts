import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { checkedBytes, deriveCode, normaliseCode } from './code.ts'

const mac = (key: string) => (data: Uint8Array) => createHmac('sha256', key).update(data).digest()

describe('a derived code', () => {
  it('is the same for the same key and id, and as long as asked', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 4, max: 10 }), (id, length) => {
        const code = deriveCode(mac('k'), id, length)
        assert.match(code, new RegExp(`^\\d{${length}}$`))
        assert.equal(deriveCode(mac('k'), id, length), code)
      }),
    )
  })

  it('is as the written rule says: bytes below 250, modulo ten', () => {
    const id = '0190a000-0000-7000-8000-000000000001'
    const bytes = createHmac('sha256', 'k').update(`code:v1:${id}:0`).digest()
    const expected = [...bytes]
      .filter((byte) => byte < 250)
      .slice(0, 10)
      .map((byte) => byte % 10)
      .join('')
    assert.equal(deriveCode(mac('k'), id, 10), expected)
  })

  it('goes on with the next counter when a hash has too few bytes', () => {
    let calls = 0
    const poor = () => {
      calls++
      return new Uint8Array(32).fill(calls < 3 ? 255 : 17)
    }
    assert.equal(deriveCode(poor, 'x', 6), '777777')
    assert.equal(calls, 3)
  })

  it('has every digit in every place about as often', () => {
    const counts = Array.from({ length: 6 }, () => Array.from({ length: 10 }, () => 0))
    const draws = 20_000
    for (let index = 0; index < draws; index++) {
      for (const [place, digit] of [...deriveCode(mac('k'), String(index), 6)].entries())
        (counts[place] as number[])[Number(digit)]!++
    }
    // χ² with 9 degrees of freedom: 33.7 is the 0.0001 quantile.
    for (const place of counts) {
      const chi = place.reduce((sum, count) => sum + (count - draws / 10) ** 2 / (draws / 10), 0)
      assert.ok(chi < 33.7, `χ² ${chi}`)
    }
  })
})

describe('a typed code', () => {
  it('is read in any script, with spaces and dashes', () => {
    const cases: Record<string, string> = {
      '123 456': '123456',
      ' 12-34–56 ': '123456',
      '١٢٣٤٥٦': '123456',
      '१२३४५६': '123456',
      '１２３４': '1234',
      '𝟏𝟐𝟑𝟒': '1234',
      '\u200e123\u00a0456\u202c': '123456',
      '\u2066１\ufe0f२3\u00ad456\u2069': '123456',
    }
    for (const [typed, code] of Object.entries(cases)) assert.equal(normaliseCode(typed), code, typed)
  })

  it('is refused when anything else is in it', () => {
    for (const typed of ['', '   ', '12a456', '①②③', '½', 'x'.repeat(65), '12.34', '1'.repeat(65)])
      assert.equal(normaliseCode(typed), undefined, typed)
  })

  it('survives whatever is put between its digits', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 4, maxLength: 10 })
    const zeros = fc.constantFrom(0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10, 0x1d7ce, 0x1d7d8)
    fc.assert(
      fc.property(digits, zeros, fc.constantFrom('', ' ', '-', '\u2009', '\u200b'), (code, zero, between) => {
        const typed = [...code].map((digit) => String.fromCodePoint(zero + Number(digit))).join(between)
        assert.equal(normaliseCode(typed), code)
      }),
    )
  })
})

it('what is compared differs when verification, transaction or code differ', () => {
  const spell = (...parts: [string, string, string]) => Buffer.from(checkedBytes(...parts)).toString()
  assert.notEqual(spell('a', '["1","BRL","x"]', '1'), spell('a', '["2","BRL","x"]', '1'))
  assert.notEqual(spell('a', '', '12'), spell('a', '', '13'))
  assert.notEqual(spell('a', '', '12'), spell('b', '', '12'))
})
