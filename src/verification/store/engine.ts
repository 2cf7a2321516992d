import type { DueCode, Engine } from '#verification/core/engine.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { Binder } from '#platform/database/bind.ts'
import { EngineLane, type LaneSettings } from '#platform/database/lanes.ts'
import { functionName } from './functions.ts'
import { checkStatement } from './statements/check.ts'
import {
  claimStatement,
  earlyReceiptsText,
  readAbandoned,
  readEarlyReceipt,
  receiptStatement,
  recordSendStatement,
  settleStatement,
} from './statements/deliver.ts'
import { claimDueText, nextDueText } from './statements/due.ts'
import { loadStatement, readWhole } from './statements/load.ts'
import { moveStatement } from './statements/move.ts'
import { startStatement } from './statements/start.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

export interface EngineSettings extends LaneSettings {
  /** Connections for bound sets; those after the first are for when it waits for something. */
  readonly laneCount: number
  /** `BinderOptions`; 0: all lanes always. */
  readonly lanePatienceMs?: number
  readonly bindRequests: boolean
  readonly now: () => Date
}

const setSizeMax = 64
const lanePatienceDefaultMs = 25
const waitingMax = 20_000
const longAgo = new Date(0)
const claimAbandonedText = `select * from ${functionName('claim_abandoned')}($1, $2 * interval '1 second', $3)`

export interface PostgresEngine extends Engine {
  close(): Promise<void>
  /** Requests that wait for a connection. */
  waitingCount(): number
}

export function createEngine(settings: EngineSettings): PostgresEngine {
  const { now } = settings
  const laneCount = settings.bindRequests ? settings.laneCount : Math.max(8, settings.laneCount)
  const lanes = Array.from({ length: laneCount }, () => new EngineLane(settings))
  // The timer has a connection of its own: it must come through when every lane is busy.
  const timerLane = new EngineLane(settings)
  const binder = new Binder(lanes, {
    setSizeMax: settings.bindRequests ? setSizeMax : 1,
    lanePatienceMs: settings.bindRequests ? (settings.lanePatienceMs ?? lanePatienceDefaultMs) : 0,
    waitingMax,
    onOverload: () => new Refusal(platformRefusals.busy, { retryAfterSeconds: 1 }),
  })
  const claim = binder.bind(claimStatement)
  const recordSend = binder.bind(recordSendStatement)
  const applyReceipt = binder.bind(receiptStatement)
  const move = binder.bind(moveStatement)
  const load = binder.bind(loadStatement)
  const settle = binder.bind(settleStatement)

  return {
    start: binder.bind(startStatement),
    check: binder.bind(checkStatement),
    claim: async (delivery) => (await claim({ ...delivery, now: now() })) ?? undefined,
    recordSend: async (row) =>
      (await recordSend({ ...row, now: now() })) ?? { status: row.status, hasEarlyReceipts: false },
    applyReceipt: (row) => applyReceipt({ ...row, now: now() }),
    move: (row) => move({ ...row, now: now() }),
    load: async (key) => (await load({ ...key, now: now() })) ?? undefined,
    async claimDue(limit, leaseSeconds, since = longAgo) {
      const at = now()
      const found = await timerLane.query('claim_due', claimDueText, [at, limit, leaseSeconds, since])
      return found.map((one): DueCode => ({
        verification: readWhole(one, at),
        dueAt: one['claimed_for'] as Date,
      }))
    },
    async claimAbandoned(graceSeconds, limit) {
      return (await timerLane.query('claim_abandoned', claimAbandonedText, [now(), graceSeconds, limit])).map(
        readAbandoned,
      )
    },
    async settleFailure(delivery, decidedAt) {
      await settle({ ...delivery, decidedAt })
    },
    async listEarlyReceipts(limit) {
      return (await timerLane.query('list_early_receipts', earlyReceiptsText, [now(), limit])).map(readEarlyReceipt)
    },
    async forgetEarlyReceipts(receipts) {
      // What somebody else is forgetting at this moment, as an erase does, goes without this.
      const text = `delete from early_receipt where (business_id, sequence) in (
        select e.business_id, e.sequence from early_receipt e
        join unnest($1::uuid[], $2::bigint[]) as i (business_id, sequence)
          on e.business_id = i.business_id and e.sequence = i.sequence
        for update of e skip locked)`
      await timerLane.query('forget_early_receipts', text, [
        receipts.map((one) => one.keptForBusinessId),
        receipts.map((one) => one.sequence),
      ])
    },
    async nextDueAt(since = longAgo) {
      const [found] = await timerLane.query('next_due_at', nextDueText, [since])
      return found ? (found['due_at'] as Date) : undefined
    },
    waitingCount: () => binder.waitingCount,
    async close() {
      await Promise.all([...lanes, timerLane].map((lane) => lane.close()))
    },
  }
}
