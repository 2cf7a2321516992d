import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fastify from 'fastify'
import type { Authentication } from './authenticate.ts'
import { describeApi } from './open-api.ts'

describe('the OpenAPI file', () => {
  it('is made for the first who asks, and once', async (t) => {
    const app = fastify()
    app.decorate('authentication', { scopesWith: () => [] } as unknown as Authentication)
    await describeApi(app, { version: '1', publicUrl: () => 'http://x', refusals: [], modules: [] })
    await app.ready()
    const made = t.mock.method(app, 'swagger')
    for (let many = 0; many < 3; many++) assert.equal((await app.inject('/openapi.json')).json().info.title, 'Centang')
    assert.equal(made.mock.callCount(), 1)
    await app.close()
  })
})
