import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { getCountries, getExampleNumber } from 'libphonenumber-js/max'
import examples from 'libphonenumber-js/mobile/examples'
import { Refusal } from '#platform/core/refusal.ts'
import { readRecipient } from './recipient.ts'

const read = (text: string): string | undefined => {
  try {
    return readRecipient(text)
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error))
    return undefined
  }
}

const numbers = getCountries().flatMap((country) => getExampleNumber(country, examples)?.number ?? [])
/** Zeros of scripts that phones type: Latin, Arabic, Persian, Devanagari, Bengali, Thai, Myanmar, Khmer, wide, mathematical, Chakma. */
const zeros = [0x30, 0x6_60, 0x6_f0, 0x9_66, 0x9_e6, 0xe_50, 0x10_40, 0x17_e0, 0xff_10, 0x1_d7_ce, 0x1_d7_f6, 0x1_11_36]
const marks = [
  ...'\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u202d\u2060\u2066\u2069\ufe0d\ufeff\u{e0020}',
]
const separators = [...' \u00a0\u3000\t-.()/\u2010\u2212\u30fc\uff0d\uff08']

/** A number as somebody may type or paste it: each character in any script, with anything unseen or common in between. */
const spelled = (number: fc.Arbitrary<string>) =>
  number.chain((e164) =>
    fc
      .tuple(
        fc.constantFrom('+', '\uff0b', '\ufe62', ''),
        fc.array(fc.tuple(fc.constantFrom(...zeros), fc.subarray(marks, { maxLength: 2 })), {
          minLength: e164.length - 1,
          maxLength: e164.length - 1,
        }),
        fc.subarray(
          Array.from({ length: e164.length - 1 }, (_, n) => n),
          { maxLength: 6 },
        ),
        fc.constantFrom(...separators),
        fc.constantFrom('', '\u202a', '\u2066\u200e', ' \u200b'),
      )
      .map(([plus, letters, gaps, separator, before]) => ({
        e164,
        typed:
          before +
          plus +
          letters
            .map(([zero, unseen], n) => {
              const digit = String.fromCodePoint(zero + Number(e164[n + 1]))
              return (gaps.includes(n) && n > 0 ? separator : '') + digit + unseen.join('')
            })
            .join(''),
      })),
  )

describe('a recipient', () => {
  it('is the same in every script, with marks that nobody sees', () => {
    assert.equal(read('+62812345678९०'), '+6281234567890', 'no digit is passed over')
    assert.equal(read('\u202a+62 812\u20603456\ufe0d7890\u00ad\u202c'), '+6281234567890')
    assert.equal(read('\u2066\uff0b６２ ８１２\u200b-３４５６-７８９０\u2069 '), '+6281234567890')
    fc.assert(
      fc.property(spelled(fc.constantFrom(...numbers)), ({ e164, typed }) => {
        assert.equal(read(typed), e164, JSON.stringify(typed))
      }),
      { numRuns: 2000 },
    )
  })

  it('has every digit that was typed, less a trunk prefix', () => {
    const typed = fc.tuple(
      fc.constantFrom(...numbers),
      fc.nat(3),
      fc.stringMatching(/^\d{0,4}$/),
      fc.stringMatching(/^[\d०-९]{0,2}$/),
    )
    const check = (text: string) => {
      const found = read(text)
      if (found === undefined) return
      const digits = text.replaceAll(/[०-९]/g, (one) => String((one.codePointAt(0) as number) - 0x9_66)).slice(1)
      const lost = digits.length - (found.length - 1)
      assert.ok(lost <= 3, `${text} became ${found}`)
      if (lost > 0) assert.equal(found.slice(-6), digits.slice(-6), `${text} became ${found}`)
    }
    // Digits put in after the country, where trunk prefixes are, and behind the last.
    fc.assert(
      fc.property(typed, ([number, country, inner, last]) => {
        check(number.slice(0, 2 + country) + inner + number.slice(2 + country) + last)
      }),
      { numRuns: 5000 },
    )
    for (const lossy of ['+86 12391 13912345678', '+57 0091 3211234567']) assert.equal(read(lossy), undefined, lossy)
  })

  it('may be written as it was dialled once', () => {
    for (const [number, ...spellings] of [
      ['+525512345678', '+52 1 55 1234 5678', '+52 044 55 1234 5678', '+52 01 55 1234 5678'],
      ['+5511987654321', '+55 11 8765-4321', '+55 0 11 98765 4321', '+55 0 15 11 98765 4321'],
      ['+5491123456789', '+54 11 15 2345-6789', '+54 9 11 15 2345 6789', '+54 (0)11 15 2345-6789'],
      ['+5492214567890', '+54 221 15 456-7890', '+54 9 221 15 456 7890'],
      ['+5492966456789', '+54 2966 15 45-6789', '+54 9 2966 15 45 6789'],
      ['+447911123456', '+44 (0)7911 123456'],
      ['+6281234567890', '+62 0812 3456 7890', '6281234567890'],
    ])
      for (const spelling of spellings) assert.equal(read(spelling), number, spelling)
    // A desk in Buenos Aires and a radio telephone in São Paulo are valid as they are.
    for (const valid of ['+541123456789', '+551177654321', '+551137654321']) assert.equal(read(valid), valid)
  })

  it('is refused with words, a line break or anything else in it', () => {
    for (const wrong of [
      '',
      '+',
      '+62',
      '-',
      'abc+6281234567890',
      '+6281234567890\r\nBcc: x',
      '+6281234\n567890',
      '+6281234567890;ext=1',
      '+6281234567890 x5',
      '+62812~345678',
      '+62812①345678',
      '++6281234567890',
      '006281234567890',
      '+62 812 345',
      '+881612345678',
      'a\u200bb@example.com',
      'a b@example.com',
      'a@b@example.com',
    ])
      assert.equal(read(wrong), undefined, JSON.stringify(wrong))
    assert.equal(read('\u2066Ann@Example.COM\u2069\n'), 'Ann@example.com')
  })
})
