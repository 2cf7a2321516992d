import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { resolvePolicy } from '#guard/core/policy.ts'
import type { Broken } from './judging.ts'
import { createMayCheck } from './may-check.ts'

const operator = { mode: 'enforce', sendsPerHour: 1, sendsPerDay: 1 } as const
const business = { businessId: 'a', applicationId: 'x', live: true }

/** A server with a clock of the test's own. */
function serverWith(changes: Parameters<typeof resolvePolicy>[0] = {}) {
  let now = 0
  const told: Broken[] = []
  let alarms = 0
  const mayCheck = createMayCheck({
    policyOf: async () => resolvePolicy(changes, operator, true, []),
    tell: (broken) => told.push(broken),
    nowMs: () => now,
    alarm: () => alarms++,
  })
  /** Whether it was compared. */
  let subjects = 0
  const check = async (
    outcome: 'right' | 'wrong' | 'void',
    of = business,
    subjectId = `verification ${subjects++}`,
  ): Promise<boolean> => {
    const checking = await mayCheck(of, subjectId)
    if (checking.refusal) return false
    checking.ended(outcome)
    return true
  }
  return { check, mayCheck, told, alarms: () => alarms, pass: (ms: number) => (now += ms) }
}

describe('the breaker against guessing codes of many people', () => {
  it('stops 8,000 guesses in 20 seconds, and ends by itself', async () => {
    const server = serverWith()
    let compared = 0
    for (let guess = 0; guess < 8000; guess++) {
      if (await server.check('wrong')) compared++
      server.pass(20_000 / 8000)
    }
    assert.ok(compared <= 105, `${compared} were compared`)
    assert.equal(server.told.at(0)?.rule, 'wrong_codes')
    const { refusal } = await server.mayCheck(business, 'another')
    const after = refusal?.facts.retryAfterSeconds as number
    assert.ok(after >= 1 && after <= 6, `${after}`)
    server.pass(after * 1000)
    assert.ok(await server.check('right'))
  })

  it('counts a verification once, so that few of them slow nobody, and stops many all the same', async () => {
    const server = serverWith()
    for (let n = 0; n < 95; n++)
      for (let guess = 0; guess < 5; guess++) assert.ok(await server.check('wrong', business, `of the attacker ${n}`))
    // As many as are enough when each guess counts: nobody honest has noticed.
    for (let n = 0; n < 500; n++) assert.ok(await server.check(n % 5 === 0 ? 'wrong' : 'right'))
    const many = serverWith()
    let compared = 0
    for (let n = 0; n < 1600; n++)
      for (let guess = 0; guess < 5; guess++) if (await many.check('wrong', business, `${n}`)) compared++
    assert.ok(compared <= 5 * 100, `${compared} were compared`)
  })

  it('lets them all be compared where it only records', async () => {
    const server = serverWith({ rules: { wrong_codes: { mode: 'record' } } })
    let compared = 0
    for (let guess = 0; guess < 8000; guess++) if (await server.check('wrong')) compared++
    assert.equal(compared, 8000)
    assert.ok(server.told.length > 7000 && server.told.every(({ isRefused }) => !isRefused))
  })

  it('stops those that are asked all at once', async () => {
    const server = serverWith()
    const asked = await Promise.all(
      Array.from({ length: 8000 }, (_, n) => server.mayCheck(business, `verification ${n}`)),
    )
    assert.equal(asked.filter(({ refusal }) => !refusal).length, 100)
  })

  it('leaves an honest hour alone, also when one code in two is mistyped', async () => {
    for (const wrongShare of [0.2, 0.5]) {
      const server = serverWith()
      for (let n = 0; n < 20_000; n++) {
        assert.ok(await server.check(n % 10 < wrongShare * 10 ? 'wrong' : 'right'), `check ${n} at ${wrongShare}`)
        server.pass(3_600_000 / 20_000)
      }
    }
  })

  it('remembers good times only so far', async () => {
    const server = serverWith()
    for (let n = 0; n < 5000; n++) await server.check('right')
    let compared = 0
    for (let n = 0; n < 5000; n++) if (await server.check('wrong')) compared++
    assert.equal(compared, 200)
  })

  it('slows nobody for another, and alarms over the whole server', async () => {
    const server = serverWith()
    for (let n = 0; n < 5000; n++) await server.check('wrong', { ...business, businessId: `business ${n % 20}` })
    assert.ok(server.alarms() > 0)
    assert.ok(await server.check('wrong', { ...business, businessId: 'another' }))
    const calm = serverWith()
    for (let n = 0; n < 500; n++) await calm.check('wrong')
    assert.equal(calm.alarms(), 0)
  })

  it('counts nothing of a check that compared nothing', async () => {
    const server = serverWith()
    for (let n = 0; n < 1000; n++) assert.ok(await server.check('void'))
  })
})
