import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readBase32, spellBase32 } from './base32.ts'
import { hotp, matchStep, stepAt, type TotpAlgorithm, totpDefaults } from './totp.ts'

const macOf = (algorithm: TotpAlgorithm, secret: string) => (data: Uint8Array) =>
  createHmac(algorithm, secret).update(data).digest()

// RFC 6238 Appendix B: 8 digits, 30 seconds; the secret is as long as the hash.
const digits = '1234567890'
const secrets = { sha1: digits.repeat(2), sha256: `${digits.repeat(3)}12`, sha512: `${digits.repeat(6)}1234` } as const
const vectors = [
  [59, '94287082', '46119246', '90693936'],
  [1111111109, '07081804', '68084774', '25091201'],
  [1111111111, '14050471', '67062674', '99943326'],
  [1234567890, '89005924', '91819424', '93441116'],
  [2000000000, '69279037', '90698825', '38618901'],
  [20000000000, '65353130', '77737706', '47863826'],
] as const

describe('TOTP', () => {
  it('makes the codes of RFC 6238', () => {
    for (const [seconds, sha1, sha256, sha512] of vectors) {
      const step = stepAt(totpDefaults, new Date(seconds * 1000))
      for (const [algorithm, code] of Object.entries({ sha1, sha256, sha512 }) as [TotpAlgorithm, string][]) {
        assert.equal(hotp(macOf(algorithm, secrets[algorithm]), step, 8), code, `${algorithm} at ${seconds}`)
      }
    }
  })

  it('takes the steps within the skew and no others, each once', () => {
    const mac = macOf('sha1', secrets.sha1)
    const now = new Date(1_700_000_000_000)
    const step = stepAt(totpDefaults, now)
    const given = (at: number) => hotp(mac, at, 6)
    for (const near of [-1, 0, 1]) {
      assert.equal(matchStep(mac, totpDefaults, given(step + near), now, undefined), step + near)
    }
    for (const far of [-2, 2]) assert.equal(matchStep(mac, totpDefaults, given(step + far), now, undefined), undefined)
    assert.equal(matchStep(mac, totpDefaults, given(step), now, step), undefined)
    assert.equal(matchStep(mac, totpDefaults, given(step - 1), now, step), undefined)
    assert.equal(matchStep(mac, totpDefaults, given(step + 1), now, step), step + 1)
    assert.equal(matchStep(mac, totpDefaults, `${given(step)}0`, now, undefined), undefined)
  })
})

describe('base 32', () => {
  it('has the values of RFC 4648 §10', () => {
    for (const [text, spelled] of [
      ['', ''],
      ['f', 'MY'],
      ['fo', 'MZXQ'],
      ['foo', 'MZXW6'],
      ['foob', 'MZXW6YQ'],
      ['fooba', 'MZXW6YTB'],
      ['foobar', 'MZXW6YTBOI'],
    ] as const) {
      assert.equal(spellBase32(Buffer.from(text)), spelled)
    }
  })

  it('reads what it wrote', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        assert.deepEqual(readBase32(spellBase32(bytes).toLowerCase()), bytes)
      }),
    )
    assert.equal(readBase32('MZX1'), undefined)
  })
})
