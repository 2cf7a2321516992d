import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Caller } from '#platform/core/caller.ts'
import type { Application } from '#access/core/business.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { letAllLeave } from '#messaging/core/may-leave.ts'
import type { StartAnswer, StartRow } from '#verification/core/engine.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'
import { policyDefaults, workflowDefault } from '#access/core/policy.ts'
import type { Outside } from './outside.ts'
import { startVerification } from './start-verification.ts'

const caller: Caller = { keyId: 'k', businessId: 'b', applicationId: 'a', live: false }
const now = new Date('2026-01-01T00:00:00Z')
const codeId = '0190a000-0000-7000-8000-000000000001'

const keys = {
  currentVersion: 2,
  versions: [1, 2],
  codeMac: (version: number) => (bytes: Uint8Array) => new Uint8Array(32).fill((version * 100 + bytes.length) % 250),
  checkMac: (version: number, bytes: Uint8Array) => Buffer.from(`${version} ${Buffer.from(bytes).toString()}`),
}

/** What lies outside: starts are answered as the list says; codes that may be joined are of key version 1. */
function outsideOf(answers: readonly StartAnswer['outcome'][], versions = keys.versions) {
  const rows: StartRow[] = []
  const methods: object = {
    engine: {
      start: async (row: StartRow): Promise<StartAnswer> => {
        rows.push(row)
        const outcome = answers[rows.length - 1] ?? 'joins'
        return {
          outcome,
          sentRecently: [now],
          ...(outcome === 'joins' && { code: { id: codeId, keyVersion: 1 } }),
          ...(outcome !== 'created' && { verificationId: 'old' }),
        }
      },
      load: async () =>
        ({ businessId: 'b', id: 'old', codeId, status: 'approved', workflow: [], deliveries: [] }) as object,
    },
    keys: { ...keys, versions },
    people: { keyOf: (_businessId: string, recipient: string) => recipient },
    mayLeave: letAllLeave,
    now: () => now,
    newId: () => '0190a000-0000-7000-8000-000000000009',
    findApplication: async () =>
      ({ businessId: 'b', id: 'a', locale: 'en', policy: policyDefaults, workflow: workflowDefault }) as Application,
    listSenders: async () => [{ id: 's', channel: 'sms', live: false, purpose: 'authentication' } as Sender],
    perform: () => undefined,
    reserve: () => undefined,
  }
  return { outside: methods as Outside, rows }
}

const start = (outside: Outside) =>
  startVerification(outside, caller, { recipient: '+6281234567890', purpose: 'login' })

describe('a start that meets a pending code', () => {
  it('asks again with the MAC of that code, under the key that it was made under', async () => {
    const { outside, rows } = outsideOf(['joins', 'created'])
    await start(outside)
    const [own, shared] = rows as [StartRow, StartRow]
    assert.deepEqual([own.codeId, own.keyVersion, shared.codeId, shared.keyVersion], [undefined, 2, codeId, 1])
    assert.notDeepEqual(shared.codeMac, own.codeMac)
    assert.match(Buffer.from(shared.codeMac).toString(), /^1 check:v1:0190a000-0000-7000-8000-000000000009:/)
  })

  it('begins one of its own when that ends in the same moment', async () => {
    const { outside, rows } = outsideOf(['joins', 'stale', 'created'])
    const { verification, isNew } = await start(outside)
    assert.deepEqual([rows.at(-1)?.codeId, isNew, verification.status], [undefined, true, 'pending'])
  })

  it('is not decided on a server that lacks the key', async () => {
    const { outside } = outsideOf(['joins'], [2])
    await assert.rejects(start(outside), (error) => error instanceof Refusal && error.code === 'key_unavailable')
  })

  it('answers what became of it when the request was made with an Idempotency-Key', async () => {
    const { outside } = outsideOf(['joins', 'replayed'])
    assert.equal((await start(outside)).verification.status, 'approved')
  })

  it('joins though no message may leave, and is refused where it would have sent one', async () => {
    const refusal = new Refusal(verificationRefusals.send_denied)
    let givenBack = 0
    const mayLeave = async () => ({ refusal, giveBack: async () => void givenBack++ })
    const joining = outsideOf(['joins', 'replayed'])
    assert.equal((await start({ ...joining.outside, mayLeave })).verification.status, 'approved')
    assert.deepEqual(
      joining.rows.map(({ mayCreate }) => mayCreate),
      [false, true],
    )
    await assert.rejects(start({ ...outsideOf(['withheld']).outside, mayLeave }), refusal)
    assert.equal(givenBack, 1)
  })

  it('is answered with the verification that has joined, where others move the code all the time', async () => {
    const { outside } = outsideOf(['joins', 'joined'])
    const step = { channel: 'sms', senderId: 's' }
    const joined = {
      businessId: 'b',
      id: 'mine',
      codeId,
      status: 'pending',
      workflow: [step],
      stepIndex: 0,
      revision: 1,
      deliveries: [],
      sentRecently: [],
      policy: policyDefaults,
      createdAt: now,
      expiresAt: new Date(now.getTime() + 300_000),
    }
    let moves = 0
    const engine = {
      ...outside.engine,
      load: async () => joined as object,
      move: async () => ({ outcome: 'stale', n: moves++ }) as object,
    } as Outside['engine']
    const { verification, isNew } = await start({ ...outside, engine })
    assert.deepEqual([verification.id, isNew, moves], ['mine', true, 10])
  })

  it('gives up as busy when they never stop ending', async () => {
    const { outside } = outsideOf([])
    await assert.rejects(start(outside), (error) => error instanceof Refusal && error.code === 'busy')
  })
})
