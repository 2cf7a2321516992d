import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { refusals } from '../kit/refusals.ts'
import { generateTypes, type OpenApi } from '../../sdk/generate.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'

const file = new URL('../../sdk/src/api-types.ts', import.meta.url)

describe('the types of the SDK', () => {
  let server: SharedServer
  let api: OpenApi
  before(async () => {
    server = await sharedServer()
    api = (await server.call('GET', '/openapi.json')).body
  })
  after(() => server.stop())

  it('are what the server says of itself', () => {
    const made = generateTypes(api)
    if (process.env['UPDATE']) writeFileSync(file, made)
    const kept = existsSync(file) ? readFileSync(file, 'utf8') : ''
    assert.equal(kept, made, 'sdk/src/api-types.ts is out of date: run UPDATE=1 npm test')
  })

  it('know every refusal of the catalogue', () => {
    const type = /export type RefusalCode =([^;]*?)\n\n/.exec(generateTypes(api))?.[1] ?? ''
    assert.deepEqual(
      [...type.matchAll(/'(\w+)'/g)].map(([, code]) => code),
      Object.keys(refusals),
    )
  })

  it('change when a call of the API changes', () => {
    const changed = structuredClone(api) as any
    changed.paths['/v1/verifications'].post.requestBody.content['application/json'].schema.properties.shoe_size = {
      type: 'integer',
    }
    assert.match(generateTypes(changed), /readonly shoe_size\?: number/)
    delete changed.paths['/v1/verifications/{id}/check']
    assert.throws(() => generateTypes(changed), /no operation checkCode/)
  })
})
