import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fastify from 'fastify'
import { Refusal, type RefusalCode } from '#platform/core/refusal.ts'
import { supabase } from './supabase.ts'

/** What Supabase is answered when a call is refused. */
async function answerTo(refusal: Refusal) {
  const app = fastify()
  app.setErrorHandler<Refusal>((error, _request, reply) => supabase.refuse(reply, error))
  app.get('/', () => Promise.reject(refusal))
  const { statusCode, headers, body } = await app.inject('/')
  await app.close()
  return { status: statusCode, retryAfter: headers['retry-after'], error: JSON.parse(body).error }
}

describe('a refusal, as Supabase is told', () => {
  it('is one to repeat at once when only we are in the way', async () => {
    assert.deepEqual(await answerTo(new Refusal('database_unavailable', { retryAfterSeconds: 2 })), {
      status: 503,
      retryAfter: '2',
      error: { http_code: 503, message: 'The database does not answer, so nothing was decided.' },
    })
    assert.equal((await answerTo(new Refusal('busy'))).retryAfter, '1')
  })

  it('is none to repeat when the person had too many codes: that lasts longer than its three tries', async () => {
    const { status, retryAfter, error } = await answerTo(new Refusal('send_limit_reached', { retryAfterSeconds: 300 }))
    assert.deepEqual([status, retryAfter, error.http_code], [200, undefined, 429])
  })

  it('is told to the person when the business itself does not allow the number', async () => {
    const { status, error } = await answerTo(new Refusal('send_denied'))
    assert.deepEqual([status, error.http_code], [200, 403])
  })

  it('has the status of everywhere else when it is about the set-up', async () => {
    const codes: readonly (readonly [RefusalCode, number])[] = [
      ['webhook_signature_invalid', 401],
      ['resource_not_found', 404],
      ['body_invalid', 400],
      ['internal', 500],
    ]
    for (const [code, status] of codes) {
      const answer = await answerTo(new Refusal(code))
      assert.deepEqual([answer.status, answer.error.http_code], [status, status], code)
    }
  })
})
