import assert from 'node:assert/strict'
import test from 'node:test'
import { isPlainHost, plainHost, plainOrigin, plainUrl } from './host.ts'

test('a host with a dot behind it is the same host', () => {
  for (const [given, plain] of [
    ['example.com.', 'example.com'],
    ['Example.COM', 'example.com'],
    ['a.b..', 'a.b'],
    ['a.b.:8443', 'a.b:8443'],
    ['localhost.', 'localhost'],
    ['[::1]', '[::1]'],
    ['127.0.0.1', '127.0.0.1'],
  ] as const)
    assert.equal(plainHost(given), plain)
  assert.equal(plainOrigin('https://Verify.example.com.:443/x'), 'https://verify.example.com')
  assert.equal(plainOrigin('https://a。b．:9/'), 'https://a.b:9', 'in every spelling of the dot')
  assert.equal(plainUrl('http://127.1../')?.hostname, '127.0.0.1', 'an address is read as one')
  assert.equal(plainUrl('x'), undefined)
})

test('a host says nothing but where it is', () => {
  for (const host of ['shop.example', 'shop.example.', 'localhost', '127.0.0.1', '[::1]', 'xn--e1afmkfd.xn--p1ai'])
    assert.ok(isPlainHost(host), host)
  for (const host of ['*.shop.example', '*', 'a;sandbox', "a'b", 'a,b', 'a b', '', '.', 'a..b', '[::1', '$x.com'])
    assert.ok(!isPlainHost(host), host)
})
