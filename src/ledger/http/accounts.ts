import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { AccountAsk } from '#ledger/core/account.ts'
import { ledgerIds } from '#ledger/core/ids.ts'
import { ledgerRefusals } from '#ledger/core/refusals.ts'
import type { AccountStore, Reader } from '#ledger/store/accounts.ts'
import type { LedgerEngine } from '#ledger/store/engine.ts'
import { decimalsOf } from '#platform/core/money.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { callerOf, requireCaller } from '#platform/http/authenticate.ts'
import type { IdempotentRequests } from '#platform/http/idempotency.ts'
import { answerPage, pageOf, pageQuery, readLimit } from '#platform/http/page.ts'
import { managing, posting } from '#platform/http/refusals.ts'
import { requireId } from '#platform/http/require-id.ts'
import { idempotencyHeader, idParameter } from '#platform/http/schema-kit.ts'
import type { Static } from 'typebox'
import { Type } from 'typebox'
import { accountSchema, newAccountSchema, representAccount } from './schemas.ts'

type TypedApp = Parameters<FastifyPluginAsyncTypebox>[0]

export interface AccountRoutes extends Pick<IdempotentRequests, 'answerOnce'> {
  readonly accounts: Pick<AccountStore, 'find' | 'list'>
  readonly engine: Pick<LedgerEngine, 'open' | 'close'>
  readonly newId: () => string
  readonly now: () => Date
}

/** The accounts of a business: opened in its own book, and read wherever they lie. */
export const accountRoutes =
  (given: AccountRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)
    openRoute(app, given)
    listRoute(app, given)
    readRoute(app, given)
    closeRoute(app, given)
  }

const tags = ['Ledger']

function openRoute(app: TypedApp, { accounts, engine, answerOnce, newId, now }: AccountRoutes): void {
  app.post(
    '/ledger/accounts',
    {
      config: { permission: 'ledger:write' },
      schema: {
        operationId: 'openLedgerAccount',
        summary: 'Open an account',
        description:
          'In your own book, in the mode of the key. Its kind, its currency and its limits stay as they are.',
        tags,
        headers: idempotencyHeader,
        body: newAccountSchema,
        response: { 201: accountSchema },
        refusals: posting,
      },
    },
    (request, reply) =>
      answerOnce(request, reply, async () => {
        const { businessId, live } = callerOf(request)
        const ask = readAccountAsk(request.body, newId(), businessId)
        await engine.open({ businessId, live }, [ask], now())
        return {
          status: 201,
          body: representAccount(businessId, await requireAccount(accounts, { businessId, live }, ask.id)),
        }
      }),
  )
}

function listRoute(app: TypedApp, { accounts }: AccountRoutes): void {
  app.get(
    '/ledger/accounts',
    {
      config: { permission: 'ledger:read' },
      schema: {
        operationId: 'listLedgerAccounts',
        summary: 'List accounts',
        description: 'Those of your own book, and those of the operator’s that are yours.',
        tags,
        querystring: pageQuery,
        response: { 200: pageOf(accountSchema, 'accounts') },
        refusals: managing,
      },
      preValidation: readLimit,
    },
    (request) => {
      const caller = callerOf(request)
      return answerPage(
        request.query,
        ledgerIds.account,
        (page) => accounts.list(caller, page),
        (account) => representAccount(caller.businessId, account),
      )
    },
  )
}

function readRoute(app: TypedApp, { accounts }: AccountRoutes): void {
  app.get(
    '/ledger/accounts/:id',
    {
      config: { permission: 'ledger:read' },
      schema: {
        operationId: 'getLedgerAccount',
        summary: 'Read an account',
        tags,
        params: idParameter,
        response: { 200: accountSchema },
        refusals: managing,
      },
    },
    async (request) => {
      const caller = callerOf(request)
      const id = requireId(ledgerIds.account, request.params.id)
      return representAccount(caller.businessId, await requireAccount(accounts, caller, id))
    },
  )
}

function closeRoute(app: TypedApp, { accounts, engine, now }: AccountRoutes): void {
  app.post(
    '/ledger/accounts/:id/close',
    {
      config: { permission: 'ledger:write' },
      schema: {
        operationId: 'closeLedgerAccount',
        summary: 'Close an account',
        description: 'When nothing lies in it and nothing is pending. What it says stays; nothing moves any more.',
        tags,
        params: idParameter,
        body: Type.Optional(Type.Union([Type.Object({}, { additionalProperties: false }), Type.Null()])),
        response: { 200: accountSchema },
        refusals: [...managing, ledgerRefusals.account_not_empty],
      },
    },
    async (request) => {
      const { businessId, live } = callerOf(request)
      const id = requireId(ledgerIds.account, request.params.id)
      // Of the own book only: what is the business's in the operator's it reads.
      const result = await engine.close({ businessId, live }, id, now())
      if (result === 'not_found') throw new Refusal(platformRefusals.resource_not_found)
      if (result === 'not_empty') throw new Refusal(ledgerRefusals.account_not_empty)
      return representAccount(businessId, await requireAccount(accounts, { businessId, live }, id))
    },
  )
}

async function requireAccount(accounts: Pick<AccountStore, 'find'>, reader: Reader, id: string) {
  const found = await accounts.find(reader, id)
  if (!found) throw new Refusal(platformRefusals.resource_not_found)
  return found
}

function readAccountAsk(body: Static<typeof newAccountSchema>, id: string, ownerBusinessId: string): AccountAsk {
  const { balance_min_minor: min = null, balance_max_minor: max = null, shard_count: shardCount = 1 } = body
  const problem =
    decimalsOf(body.currency) === undefined
      ? { path: 'body/currency', problem: 'must be a currency that is in use (ISO 4217)' }
      : min !== null && max !== null && min > max
        ? { path: 'body/balance_max_minor', problem: 'must not be less than balance_min_minor' }
        : min !== null && min > 0
          ? { path: 'body/balance_min_minor', problem: 'must be 0 or less: an account begins with nothing' }
          : max !== null && max < 0
            ? { path: 'body/balance_max_minor', problem: 'must be 0 or more: an account begins with nothing' }
            : shardCount > 1 && (min !== null || max !== null)
              ? { path: 'body/shard_count', problem: 'must be 1 for an account with a limit' }
              : undefined
  if (problem) throw new Refusal(platformRefusals.body_invalid, { errors: [problem] })
  return {
    id,
    ownerBusinessId,
    kind: body.kind,
    currency: body.currency,
    balanceMin: min === null ? null : BigInt(min),
    balanceMax: max === null ? null : BigInt(max),
    shardCount,
    metadata: body.metadata ?? null,
  }
}
