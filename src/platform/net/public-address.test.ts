import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isPrivateLiteral, lookupPublic } from './public-address.ts'

const isPrivateHost = (host: string): boolean => isPrivateLiteral(new URL(`https://${host}`).hostname)

describe('an address', () => {
  it('is not public in any range that is set aside, however it is spelled', () => {
    const hosts = [
      '127.0.0.1. 127.0.0.1.. 10.0.0.1... 127.0.0.1 127.1 0x7f.1 2130706433 0177.0.0.1 ①②⑦.⓪.⓪.① 0 255.255.255.255',
      '10.1.2.3 172.31.0.1 192.168.1.1 100.64.0.1 169.254.169.254 0xa9fea9fe 198.18.0.1',
      '192.0.2.1 198.51.100.2 203.0.113.4 192.88.99.1 224.0.0.1 240.0.0.1',
      '[::] [::1] [fe80::1] [fec0::1] [fd00:ec2::254] [ff02::1] [100::1] [5f00::1] [2001:db8::1] [3fff::1]',
      '[::ffff:127.0.0.1] [::ffff:a9fe:a9fe] [::127.0.0.1] [::ffff:0:127.0.0.1]',
      '[64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2001::7f00:1]',
    ].flatMap((line) => line.split(' '))
    assert.deepEqual(
      hosts.filter((host) => !isPrivateHost(host)),
      [],
    )
  })

  it('is public everywhere else', () => {
    const hosts = ['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '[2606:4700::1111]', '[2a00:1450:4001::]']
    assert.deepEqual(hosts.filter(isPrivateHost), [])
    assert.ok(!isPrivateLiteral('sms.example.test'), 'a name is judged when it is looked up')
  })
})

describe('a look-up', () => {
  const lookUp = (addresses: readonly string[]) =>
    new Promise<string>((done) => {
      const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
      const lookup = lookupPublic(
        (host) => new Error(`refused ${host}`),
        (_host, _options, answer) => answer(null, found),
      )
      lookup('a.test', { all: true }, (error, open) =>
        done(error ? error.message : (open as { address: string }[]).map(({ address }) => address).join(' ')),
      )
    })

  it('finds public addresses only', async () => {
    assert.equal(await lookUp(['127.0.0.1', '::1', '10.0.0.1']), 'refused a.test')
    assert.equal(await lookUp(['127.0.0.1', '8.8.8.8', '2606:4700::1111']), '8.8.8.8 2606:4700::1111')
  })
})
