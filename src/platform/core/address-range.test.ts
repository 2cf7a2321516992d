import assert from 'node:assert/strict'
import { BlockList, isIP } from 'node:net'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  type AddressRange,
  holdsAddress,
  holdsRange,
  neighbourhoodOf,
  readAddress,
  readRange,
} from './address-range.ts'

const range = (text: string): AddressRange => readRange(text) as AddressRange

describe('an address', () => {
  it('is read exactly where Node reads one', () => {
    const parts = fc.array(fc.constantFrom('0', '1', 'ff', '10.0.0.1', '256.1.1.1', ':', '::', '.', 'g', '01', '1.2'), {
      maxLength: 10,
    })
    fc.assert(
      fc.property(
        fc.oneof(
          parts.map((one) => one.join('')),
          fc.ipV4(),
          fc.ipV6(),
        ),
        (text) => {
          assert.equal(readAddress(text) !== undefined, isIP(text) !== 0, text)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('in a range is one that Node finds in it too', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6())
    fc.assert(
      fc.property(address, fc.nat(128), address, (base, bits, asked) => {
        const family = isIP(base) === 6 ? 'ipv6' : 'ipv4'
        const length = Math.min(bits, family === 'ipv6' ? 128 : 32)
        const value = readAddress(base) as bigint
        const spare = BigInt(family === 'ipv6' ? 128 - length : 32 - length)
        const made = { base: (value >> spare) << spare, length: length + (family === 'ipv6' ? 0 : 96) }
        const node = new BlockList()
        node.addSubnet(base, length, family)
        // Node compares a mapped address with ranges of both families, ours are of one.
        if (isIP(asked) !== isIP(base)) return
        assert.equal(holdsAddress(made, asked), node.check(asked, family))
      }),
    )
  })

  it('of IPv4 is the same when a socket of both families spells it', () => {
    assert.ok(holdsAddress(range('10.0.0.0/8'), '::ffff:10.1.2.3'))
    assert.ok(!holdsAddress(range('10.0.0.0/8'), '::ffff:11.1.2.3'))
  })
})

describe('a range', () => {
  it('is of an address or of as many bits as it has', () => {
    for (const text of ['203.0.113.7', '10.0.0.0/8', '0.0.0.0/0', '::1', '2001:db8::/32', '::/0'])
      assert.ok(readRange(text), text)
    for (const text of [
      '10.0.0.1/8',
      '10.0.0.0/33',
      '2001:db8::1/32',
      '::/129',
      'localhost',
      '',
      '10.0.0.0/',
      '/8',
      '10/8',
    ])
      assert.equal(readRange(text), undefined, text)
  })

  it('holds what is narrower', () => {
    assert.ok(holdsRange(range('10.0.0.0/8'), range('10.2.0.0/16')))
    assert.ok(holdsRange(range('10.2.0.0/16'), range('10.2.0.0/16')))
    assert.ok(!holdsRange(range('10.2.0.0/16'), range('10.0.0.0/8')))
    assert.ok(!holdsRange(range('10.2.0.0/16'), range('10.3.0.0/16')))
    assert.ok(!holdsRange(range('2001:db8::/32'), range('10.0.0.0/8')))
  })
})

describe('who is counted as one', () => {
  it('is an IPv4 address, however it is spelled', () => {
    assert.equal(neighbourhoodOf('192.0.2.1'), neighbourhoodOf('::ffff:192.0.2.1'))
    assert.notEqual(neighbourhoodOf('192.0.2.1'), neighbourhoodOf('192.0.2.2'))
  })

  it('is 64 bits of an IPv6 address', () => {
    assert.equal(neighbourhoodOf('2001:db8:1:2::1'), neighbourhoodOf('2001:db8:1:2:ffff::9'))
    assert.notEqual(neighbourhoodOf('2001:db8:1:2::1'), neighbourhoodOf('2001:db8:1:3::1'))
  })
})
