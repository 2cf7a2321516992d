import type { Module, ModuleFacts } from '#platform/module.ts'
import type { Platform } from '#platform/open-platform.ts'
import type { Repeating } from '#platform/work/repeat.ts'
import type { Book } from './core/book.ts'
import { ledgerIds } from './core/ids.ts'
import { ledgerPermissions } from './core/permissions.ts'
import { ledgerRefusals, type TransferResult } from './core/refusals.ts'
import { requireSound, type TransferAsk } from './core/transfer.ts'
import { expirePending } from './flows/expire.ts'
import { accountRoutes } from './http/accounts.ts'
import { transferSubject } from './http/event-subject.ts'
import { transferRoutes } from './http/transfers.ts'
import { AccountStore } from './store/accounts.ts'
import { createLedgerEngine } from './store/engine.ts'
import { TransferStore } from './store/transfers.ts'

export const ledgerFacts = {
  name: 'ledger',
  refusals: ledgerRefusals,
  ids: ledgerIds,
  permissions: ledgerPermissions,
  events: { transfer: transferSubject },
} as const satisfies ModuleFacts

/** Double entry: accounts in books, and the transfers that alone change them. */
export function openLedger(platform: Platform, { bindRequests }: { readonly bindRequests: boolean }) {
  const { database, now, newId, log, config, idempotent } = platform
  const engine = createLedgerEngine({ ...config, ...platform.connection, bindRequests })
  const accounts = new AccountStore(database)
  const transfers = new TransferStore(database)
  /** Makes them all or none; says of each what became of it. */
  const transfer = async (book: Book, chain: readonly TransferAsk[]): Promise<readonly TransferResult[]> => {
    requireSound(chain)
    return engine.apply({ book, transfers: chain, now: now() })
  }
  let expiring: Repeating | undefined
  return {
    name: ledgerFacts.name,
    async routes(app) {
      await app.register(accountRoutes({ accounts, engine, newId, now, ...idempotent }), { prefix: '/v1' })
      await app.register(transferRoutes({ accounts, transfers, transfer, ...idempotent }), { prefix: '/v1' })
    },
    start() {
      const onError = (error: unknown): void => log.error({ err: error }, 'ledger')
      expiring = expirePending({ expire: engine.expire, now, onError })
    },
    async stop() {
      await expiring?.stop()
      await engine.stop()
    },
  } satisfies Module
}
