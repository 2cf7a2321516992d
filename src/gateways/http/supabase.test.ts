import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fastify from 'fastify'
import { Refusal } from '#platform/core/refusal.ts'
import { supabase } from './supabase.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'

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
    assert.deepEqual(await answerTo(new Refusal(platformRefusals.database_unavailable, { retryAfterSeconds: 2 })), {
      status: 503,
      retryAfter: '2',
      error: { http_code: 503, message: 'The database does not answer, so nothing was decided.' },
    })
    assert.equal((await answerTo(new Refusal(platformRefusals.busy))).retryAfter, '1')
  })

  it('comes with 200 when the person has to be told, in their words, and then is none to repeat', async () => {
    const { send_limit_reached, send_denied } = verificationRefusals
    for (const entry of [send_limit_reached, send_denied]) {
      const refusal = new Refusal(entry, { retryAfterSeconds: 300, toPerson: 'Coba beberapa saat lagi.' })
      const { status, retryAfter, error } = await answerTo(refusal)
      assert.deepEqual([status, retryAfter], [200, undefined])
      assert.deepEqual(error, { http_code: entry.status, message: 'Coba beberapa saat lagi.' })
    }
  })

  it('has the status of everywhere else when it is about the set-up', async () => {
    const { webhook_signature_invalid, resource_not_found, body_invalid, internal } = platformRefusals
    for (const entry of [webhook_signature_invalid, resource_not_found, body_invalid, internal]) {
      const { status } = entry
      const answer = await answerTo(new Refusal(entry))
      assert.deepEqual([answer.status, answer.error.http_code], [status, status], entry.code)
    }
  })
})
