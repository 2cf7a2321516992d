import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { createEngine } from '#verification/store/engine.ts'
import { freshDatabase } from '../kit/database.ts'
import { explore } from './explore.ts'
import { createPlayer } from './play.ts'
import { scriptOf } from './script.ts'
import { seed, shareOf } from '../kit/exploration.ts'

const histories = Number(process.env['HISTORIES'] ?? shareOf(10_000, 450))
const batchSize = 5000

/** What a simulation without would not be worth its name. */
const mustHappen = [
  'provider: refused', 'provider: changed', 'provider: down', 'provider: held', 'provider: lost', 'provider: died',
  'receipts before the answer', 'effects lost in a restart', 'deliveries taken over', 'failures taken over',
  'died with a claim', 'a start joins', 'a start joined', 'elsewhere right: right', 'elsewhere right: verification_closed', 'room to send at once', 'start: send_limit_reached', 'resend: send_limit_reached', 'resend: resend_too_soon',
  'next: workflow_exhausted', 'wrong: checks_paused', 'wrong: check_limit_reached', 'right: verification_closed',
  'ended approved', 'ended expired', 'ended undeliverable', 'ended blocked', 'ended canceled',
] // prettier-ignore

describe(`a simulation of ${histories} histories (seed ${seed})`, () => {
  it(
    'ends as the model says, whatever is lost, late, doubled, reordered, down or restarted',
    { timeout: 900_000 },
    async (t) => {
      const database = await freshDatabase()
      const clock = { now: Date.parse('2026-11-24T00:00:00Z') }
      const engine = createEngine({
        connectionString: database.url,
        statementTimeoutMs: 30_000,
        lockTimeoutMs: 10_000,
        laneCount: 3,
        lanePatienceMs: 0,
        bindRequests: true,
        now: () => new Date(clock.now),
      })
      const count = new Map<string, number>()
      const note = (what: string): void => void count.set(what, (count.get(what) ?? 0) + 1)
      const broken: string[] = []
      try {
        const { play } = await createPlayer({ database, engine, clock, note })
        for (let first = 0; first < histories; first += batchSize) {
          const indexes = Array.from({ length: Math.min(batchSize, histories - first) }, (_, n) => first + n)
          const scripts = indexes.map((index) => scriptOf(seed, index))
          const seen = await play(scripts)
          for (const [n, script] of scripts.entries()) {
            const { outcome, faults } = seen[n] as (typeof seen)[number]
            broken.push(...faults.map((fault) => `history ${script.index}: ${fault}`))
            const expected = explore(script, (one) => isDeepStrictEqual(one, outcome))
            if (!expected.found)
              broken.push(
                `history ${script.index}: ${JSON.stringify({ acts: script.acts, steps: script.steps.length })}\n seen ${JSON.stringify(outcome)}\n must ${JSON.stringify(expected.first)}`,
              )
          }
        }
      } finally {
        await engine.close()
        await database.drop()
      }
      t.diagnostic(JSON.stringify(Object.fromEntries([...count].toSorted(([a], [b]) => a.localeCompare(b)))))
      assert.deepEqual(broken.slice(0, 3), [], `${broken.length} of ${histories}; run again with SEED=${seed}`)
      for (const what of mustHappen) {
        assert.ok(
          (count.get(what) ?? 0) >= Math.max(1, histories / 1000),
          `${what} hardly happened: ${count.get(what)}`,
        )
      }
    },
  )
})
