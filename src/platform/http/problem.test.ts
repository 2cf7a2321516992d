import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fastify from 'fastify'
import { handleError } from './problem.ts'

/** What a route that throws is answered. */
async function answerTo(error: unknown): Promise<{ status: number; code: string; text: string }> {
  const app = fastify()
  app.setErrorHandler(handleError)
  app.get('/', async () => {
    throw error
  })
  const { statusCode, body } = await app.inject('/')
  return { status: statusCode, code: (JSON.parse(body) as { code: string }).code, text: body }
}

const databaseError = (code: string): Error => Object.assign(new Error('invalid input "canary"'), { code })

describe('an error that nobody foresaw', () => {
  it('of the data (SQLSTATE 22…) is the request’s fault, and is not repeated', async () => {
    for (const code of ['22021', '22P05', '22P02', '22003']) {
      const answer = await answerTo(databaseError(code))
      assert.deepEqual([answer.status, answer.code], [400, 'body_invalid'], code)
      assert.ok(!answer.text.includes('canary'))
    }
  })

  it('of the connection says that nothing was decided, and any other is ours', async () => {
    assert.equal((await answerTo(databaseError('57P01'))).code, 'database_unavailable')
    for (const error of [databaseError('23505'), databaseError('42P01'), new Error('canary')]) {
      const answer = await answerTo(error)
      assert.deepEqual([answer.status, answer.code], [500, 'internal'])
      assert.ok(!answer.text.includes('canary'))
    }
  })
})
