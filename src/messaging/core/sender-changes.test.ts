import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { changesOf } from './sender-changes.ts'

const sender = { config: { url: 'https://api.gateway.example/v2', body: { to: '{{to}}' } }, secrets: { api: 'hush' } }

describe('what of a sender was changed', () => {
  it('is its host, wherever a setting names it', () => {
    const at = (url: string) => changesOf(sender, { ...sender, config: { ...sender.config, url } })
    assert.deepEqual(at('https://api.gateway.example/v3'), ['config'])
    assert.deepEqual(at('https://evil.example/v2'), ['host', 'config'])
    const deep = { ...sender, config: { ...sender.config, more: [{ also: 'https://other.example' }] } }
    assert.deepEqual(changesOf(sender, deep), ['host', 'config'])
  })

  it('is its credentials', () => {
    assert.deepEqual(changesOf(sender, { ...sender, secrets: { api: 'other' } }), ['credentials'])
    assert.deepEqual(changesOf({ ...sender, secrets: {} }, sender), ['credentials'])
  })

  it('is nothing when only the order is another', () => {
    const config = { body: { to: '{{to}}' }, url: sender.config.url }
    assert.deepEqual(changesOf(sender, { secrets: { ...sender.secrets }, config }), [])
  })
})
