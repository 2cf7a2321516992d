import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decideWebhook, sendWaitsSeconds } from './delivery.ts'
import { isWanted } from './event-kinds.ts'

describe('what follows from the answer to a webhook', () => {
  it('2xx settles it, 410 ends them all, anything else is sent again', () => {
    for (const status of [200, 201, 202, 204, 299]) assert.equal(decideWebhook({ status }, 0, 0).kind, 'delivered')
    assert.equal(decideWebhook({ status: 410 }, 0, 0).kind, 'gone')
    for (const status of [undefined, 199, 301, 308, 400, 401, 404, 409, 429, 500, 503]) {
      const decision = decideWebhook(status === undefined ? { problem: 'timed_out' } : { status }, 0, 0)
      assert.deepEqual(decision, { kind: 'again', afterMs: 5000 }, String(status))
    }
  })

  it('the waits are ten in 75 hours and 35 minutes, and a tenth more at most', () => {
    const answer = { status: 500 }
    const total = (jitter: number): number => {
      let ms = 0
      for (let sendCount = 0; ; sendCount++) {
        const decision = decideWebhook(answer, sendCount, jitter)
        if (decision.kind !== 'again') {
          assert.deepEqual([decision.kind, sendCount + 1], ['failed', sendWaitsSeconds.length])
          return ms / 1000
        }
        ms += decision.afterMs
      }
    }
    assert.equal(sendWaitsSeconds.length, 10)
    assert.equal(total(0), 75 * 3600 + 35 * 60 + 5)
    assert.ok(Math.abs(total(1) - 1.1 * total(0)) < 1)
  })

  it('a longer wait that is asked for is heeded for a day at most, of those who are overwhelmed', () => {
    const again = (status: number, retryAfterMs: number) => decideWebhook({ status, retryAfterMs }, 0, 0)
    for (const status of [429, 502, 503, 504]) {
      assert.deepEqual(again(status, 60_000), { kind: 'again', afterMs: 60_000 })
      assert.deepEqual(again(status, 1000), { kind: 'again', afterMs: 5000 })
      assert.deepEqual(again(status, 1e12), { kind: 'again', afterMs: 86_400_000 })
    }
    assert.deepEqual(again(500, 60_000), { kind: 'again', afterMs: 5000 })
  })
})

describe('an endpoint', () => {
  it('wants kinds by name and by group', () => {
    assert.ok(isWanted(['verification.approved'], 'verification.approved'))
    assert.ok(isWanted(['delivery.*'], 'delivery.read'))
    assert.ok(!isWanted(['delivery.*', 'verification.approved'], 'verification.started'))
    assert.ok(!isWanted([], 'delivery.read'))
  })
})
