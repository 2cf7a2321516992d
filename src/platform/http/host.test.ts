import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isDemoHost, mayTellKey } from './host.ts'

describe('the demo answers under', () => {
  const answers = (host: string | undefined) => isDemoHost(host, 'https://verify.example.com')

  it('addresses, names nobody can register and the public URL', () => {
    for (const host of [
      'localhost:3000',
      'LOCALHOST',
      'app.localhost:3000',
      '127.0.0.1:3000',
      '192.168.1.20:3000',
      '[::1]:3000',
      '[fe80::1]',
      'centang:3000',
      'laptop.local:3000',
      'host.docker.internal:3000',
      'verify.example.com',
      'Verify.Example.com:443',
      'verify.example.com.',
      'verify.example.com.:3000',
      'localhost.:3000',
      undefined,
    ])
      assert.ok(answers(host), host)
  })

  it('no name of somebody else', () => {
    for (const host of [
      'evil.example:3000',
      'localhost.evil.example',
      '127.0.0.1.nip.io',
      'verify.example.com.evil.example',
      'evil.example.',
      'evil.example..',
      '..',
      '.',
      'x@evil.example',
      '127.0.0.1:3000@evil.example',
      'evil.example/localhost',
      '',
      'a b',
    ])
      assert.ok(!answers(host), host)
  })
})

describe('the key of the demo', () => {
  const tells = (host: string | undefined) =>
    mayTellKey(host, { localAddress: '::ffff:203.0.113.5', publicUrl: 'https://198.51.100.7' })

  it('is told under names and addresses of this machine and its network', () => {
    for (const host of [
      'localhost:3000',
      '127.0.0.1:3000',
      '[::1]:3000',
      '10.1.2.3',
      '172.31.0.2:3000',
      '192.168.1.20:3000',
      '169.254.1.1',
      '[fe80::1]:3000',
      '[fd00::1]',
      'centang:3000',
      '203.0.113.5:3000',
      '198.51.100.7',
    ])
      assert.ok(tells(host), host)
  })

  it('is told to nobody who names no host, or an address of somebody else', () => {
    for (const host of [undefined, '', '8.8.8.8', '172.32.0.1', '100.128.0.1', '[2001:db8::1]:3000', '203.0.113.6'])
      assert.ok(!tells(host), host)
  })
})
