import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isDemoHost } from './host.ts'

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
