import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Book } from '#ledger/core/book.ts'
import { ledgerIds } from '#ledger/core/ids.ts'
import { isFault, ledgerRefusals, transferRefusals, type TransferResult } from '#ledger/core/refusals.ts'
import type { EndAsk, MoveAsk, TransferAsk } from '#ledger/core/transfer.ts'
import type { AccountStore } from '#ledger/store/accounts.ts'
import type { TransferStore } from '#ledger/store/transfers.ts'
import { readId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { callerOf, requireCaller } from '#platform/http/authenticate.ts'
import type { IdempotentRequests } from '#platform/http/idempotency.ts'
import { readLimit } from '#platform/http/page.ts'
import { readTime } from '#platform/http/read-time.ts'
import { managing, posting } from '#platform/http/refusals.ts'
import { requireId } from '#platform/http/require-id.ts'
import { idParameter } from '#platform/http/schema-kit.ts'
import { idOfKey } from './id-of-key.ts'
import {
  accountId as accountIdSchema,
  type AskBody,
  representTransfer,
  transferSchema,
  transfersBody,
} from './schemas.ts'

type TypedApp = Parameters<FastifyPluginAsyncTypebox>[0]

export interface TransferRoutes extends Pick<IdempotentRequests, 'readIdempotency'> {
  readonly accounts: Pick<AccountStore, 'find'>
  readonly transfers: Pick<TransferStore, 'find' | 'list'>
  readonly transfer: (book: Book, chain: readonly TransferAsk[]) => Promise<readonly TransferResult[]>
}

/** Transfers of a business: made in its own book, and read wherever they touch an account of its own. */
export const transferRoutes =
  (given: TransferRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)
    makeRoute(app, given)
    listRoute(app, given)
    readRoute(app, given)
  }

const tags = ['Ledger']
const madeSchema = Type.Object(
  { data: Type.Array(transferSchema) },
  { description: 'The transfers, in the order in which they were asked for.' },
)

function makeRoute(app: TypedApp, { readIdempotency, transfers, transfer }: TransferRoutes): void {
  app.post(
    '/ledger/transfers',
    {
      config: { permission: 'ledger:write' },
      schema: {
        operationId: 'makeLedgerTransfers',
        summary: 'Move money between accounts',
        description:
          'All of the transfers or none. A repeat under the same Idempotency-Key moves nothing and answers 200 with what ' +
          'was made, however much later; what was refused stays refused under its key.',
        tags,
        headers: Type.Object({
          'idempotency-key': Type.Optional(
            Type.String({
              description:
                'Required. Kept as long as the transfers: for ever, as a hash, so make it of nobody’s number. Each application has keys of its own, in each mode.',
            }),
          ),
        }),
        body: transfersBody,
        response: { 200: madeSchema, 201: madeSchema },
        refusals: [...posting, ledgerRefusals.idempotency_key_missing, ...Object.values(transferRefusals)],
      },
    },
    async (request, reply) => {
      if (!readIdempotency(request)) throw new Refusal(ledgerRefusals.idempotency_key_missing)
      const { businessId, applicationId, live } = callerOf(request)
      // Of the key itself: what stands for it elsewhere goes with a master key, and these ids have to outlive it.
      const key = request.headers['idempotency-key'] as string
      const space = `${businessId} ${applicationId}`
      const chain = request.body.transfers.map((one, n) => readAsk(one, idOfKey(space, key, n), n))
      const results = await transfer({ businessId, live }, chain)
      requireMade(results)
      const made = await transfers.find(
        { businessId, live },
        chain.map(({ id }) => id),
      )
      return reply.status(results[0] === 'ok' ? 201 : 200).send({ data: made.map(representTransfer) })
    },
  )
}

function listRoute(app: TypedApp, { accounts, transfers }: TransferRoutes): void {
  app.get(
    '/ledger/transfers',
    {
      config: { permission: 'ledger:read' },
      schema: {
        operationId: 'listLedgerTransfers',
        summary: 'List the transfers of an account',
        description: 'The newest first.',
        tags,
        querystring: Type.Object(
          {
            account_id: accountIdSchema,
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
            cursor: Type.Optional(Type.String({ maxLength: 64, description: '`next_cursor` of the page before.' })),
          },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object(
            { data: Type.Array(transferSchema), next_cursor: Type.Union([Type.String(), Type.Null()]) },
            { description: 'A page of transfers; `next_cursor` is null on the last one.' },
          ),
        },
        refusals: managing,
      },
      preValidation: readLimit,
    },
    async (request) => {
      const caller = callerOf(request)
      const { account_id: accountId, limit = 20, cursor } = request.query
      const account = await accounts.find(caller, requireId(ledgerIds.account, accountId))
      if (!account) throw new Refusal(platformRefusals.resource_not_found)
      const before = cursor === undefined ? undefined : readCursor(cursor)
      const found = await transfers.list(caller, account.book.businessId, account.id, { before, limit: limit + 1 })
      const page = found.slice(0, limit)
      const last = page.at(-1)
      return { data: page.map(representTransfer), next_cursor: found.length > limit && last ? last.place : null }
    },
  )
}

function readRoute(app: TypedApp, { transfers }: TransferRoutes): void {
  app.get(
    '/ledger/transfers/:id',
    {
      config: { permission: 'ledger:read' },
      schema: {
        operationId: 'getLedgerTransfer',
        summary: 'Read a transfer',
        tags,
        params: idParameter,
        response: { 200: transferSchema },
        refusals: managing,
      },
    },
    async (request) => {
      const [found] = await transfers.find(callerOf(request), [requireId(ledgerIds.transfer, request.params.id)])
      if (!found) throw new Refusal(platformRefusals.resource_not_found)
      return representTransfer(found)
    },
  )
}

/** Says of each that is at fault why; the answer is the first one's. */
function requireMade(results: readonly TransferResult[]): void {
  const faults = results.flatMap((result, n) => {
    return isFault(result) ? [{ path: `body/transfers/${n}`, entry: transferRefusals[`ledger_${result}`] }] : []
  })
  const [first] = faults
  // Of those that fell together one says why.
  if (!first && results.includes('linked_transfer_refused'))
    throw new Error('A chain fell, and none of it is at fault.')
  if (first)
    throw new Refusal(first.entry, { errors: faults.map(({ path, entry }) => ({ path, problem: entry.title })) })
}

/** What is of the one kind, and needed there, is of no use in the other. */
const ofMoves = ['debit_account_id', 'credit_account_id', 'amount_minor', 'currency', 'code'] as const

function readAsk(body: AskBody, id: string, n: number): TransferAsk {
  const { kind = 'single' } = body
  const common = {
    id,
    ...(body.effective_at !== undefined && {
      effectiveAt: readTime(body.effective_at, `body/transfers/${n}/effective_at`),
    }),
    ...(body.metadata && { metadata: body.metadata }),
  }
  return kind === 'post' || kind === 'void'
    ? { ...common, ...readEnd(body, kind, n) }
    : { ...common, ...readMove(body, kind, n) }
}

function readEnd(body: AskBody, kind: 'post' | 'void', n: number): Omit<EndAsk, 'id'> {
  const { pending_id: pendingId, amount_minor: amount, code } = body
  if (pendingId === undefined) throw invalid(n, 'pending_id', 'is missing')
  for (const member of ['debit_account_id', 'credit_account_id', 'currency', 'expires_in_seconds'] as const)
    if (body[member] !== undefined)
      throw invalid(n, member, `is that of the pending transfer: leave it out of a ${kind}`)
  if (kind === 'void' && amount !== undefined)
    throw invalid(n, 'amount_minor', 'is of a post: a void sets all of it free')
  return {
    kind,
    pendingId: readId(ledgerIds.transfer, pendingId) ?? nobody,
    ...(amount !== undefined && { amount: BigInt(amount) }),
    ...(code !== undefined && { code }),
  }
}

function readMove(body: AskBody, kind: 'single' | 'pending', n: number): Omit<MoveAsk, 'id'> {
  const { debit_account_id: debit, credit_account_id: credit, amount_minor: amount, currency, code } = body
  for (const member of ofMoves) if (body[member] === undefined) throw invalid(n, member, 'is missing')
  if (body.pending_id !== undefined) throw invalid(n, 'pending_id', 'is of a post or a void')
  if (body.expires_in_seconds !== undefined && kind !== 'pending')
    throw invalid(n, 'expires_in_seconds', 'is of kind pending')
  if (debit === credit) throw invalid(n, 'credit_account_id', 'must be another account than the debit account')
  const debitAccountId = readId(ledgerIds.account, debit as string) ?? nobody
  const creditAccountId = readId(ledgerIds.account, credit as string) ?? nobody
  return {
    kind,
    debitAccountId,
    // Refused for the other one, which there is not either.
    creditAccountId: debitAccountId === creditAccountId ? other : creditAccountId,
    amount: BigInt(amount as number),
    currency: currency as string,
    code: code as string,
    ...(body.expires_in_seconds !== undefined && { expiresInSeconds: body.expires_in_seconds }),
  }
}

/** UUIDs that nothing ever gets: what is no id names nothing, and is refused as what there is not. */
const nobody = '00000000-0000-0000-0000-000000000000'
const other = '00000000-0000-0000-0000-000000000001'

const invalid = (n: number, member: string, problem: string): Refusal =>
  new Refusal(platformRefusals.body_invalid, { errors: [{ path: `body/transfers/${n}/${member}`, problem }] })

function readCursor(cursor: string): string {
  if (/^[1-9]\d{0,17}$/.test(cursor)) return cursor
  throw new Refusal(platformRefusals.body_invalid, {
    errors: [{ path: 'querystring/cursor', problem: 'must be the next_cursor of the page before' }],
  })
}
