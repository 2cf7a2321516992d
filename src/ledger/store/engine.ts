import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { Binder } from '#platform/database/bind.ts'
import { EngineLane, type LaneSettings } from '#platform/database/lanes.ts'
import type { AccountAsk } from '#ledger/core/account.ts'
import type { Book } from '#ledger/core/book.ts'
import { applyStatement } from './apply-statement.ts'
import { functionName } from './functions.ts'

/** The more there are, the less one costs: 500 are still done within some twenty milliseconds. */
const setSizeMax = 500
const lanePatienceMs = 25
const waitingMax = 20_000
const expiringMax = 500

const openText = `select ${functionName('open_accounts')}($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) as others`
const closeText = `select ${functionName('close_account')}($1, $2, $3, $4) as result`
const expireText = `select ${functionName('expire_transfers')}($1, $2) as count`

export type LedgerEngine = ReturnType<typeof createLedgerEngine>

/** The only writer of the books: every change is one call of a function, on lanes of its own. */
export function createLedgerEngine(settings: LaneSettings & { readonly bindRequests: boolean }) {
  const lanes = [new EngineLane(settings), new EngineLane(settings)]
  // What happens beside the transfers waits for none of them.
  const slow = new EngineLane(settings)
  const binder = new Binder(lanes, {
    setSizeMax: settings.bindRequests ? setSizeMax : 1,
    lanePatienceMs: settings.bindRequests ? lanePatienceMs : 0,
    waitingMax,
    onOverload: () => new Refusal(platformRefusals.busy, { retryAfterSeconds: 1 }),
  })
  return {
    apply: binder.bind(applyStatement),
    /** The ids of those that are there as something else. */
    open: async ({ businessId, live }: Book, asks: readonly AccountAsk[], now: Date): Promise<readonly string[]> => {
      const [found] = await slow.query('open_accounts', openText, [
        now,
        businessId,
        live,
        asks.map(({ id }) => id),
        asks.map(({ ownerBusinessId }) => ownerBusinessId),
        asks.map(({ kind }) => kind),
        asks.map(({ currency }) => currency),
        asks.map(({ balanceMin }) => spell(balanceMin)),
        asks.map(({ balanceMax }) => spell(balanceMax)),
        asks.map(({ shardCount }) => shardCount),
        asks.map(({ metadata }) => metadata && JSON.stringify(metadata)),
      ])
      return found?.['others'] as string[]
    },
    close: async ({ businessId, live }: Book, id: string, now: Date): Promise<CloseResult> => {
      const [found] = await slow.query('close_account', closeText, [now, businessId, live, id])
      return found?.['result'] as CloseResult
    },
    /** Ends pending transfers whose time is over; whether there may be more. */
    expire: async (now: Date): Promise<boolean> => {
      const [found] = await slow.query('expire_transfers', expireText, [now, expiringMax])
      return found?.['count'] === expiringMax
    },
    stop: async (): Promise<void> => {
      await Promise.all([...lanes, slow].map((lane) => lane.close()))
    },
  }
}

const spell = (amount: bigint | null): string | null => (amount === null ? null : String(amount))

export type CloseResult = 'ok' | 'not_found' | 'not_empty'
