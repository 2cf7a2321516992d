import { type Static, Type } from 'typebox'
import { type Account, accountKinds, type AccountKind, shardCountMax } from '#ledger/core/account.ts'
import { ledgerIds } from '#ledger/core/ids.ts'
import { amountMax, chainMax, pendingStatuses, type Transfer, transferKinds } from '#ledger/core/transfer.ts'
import { form } from '#platform/core/field-problem.ts'
import { spellId } from '#platform/core/id.ts'
import { metadataSchema, oneOf, orNull, time } from '#platform/http/schema-kit.ts'

const most = Number(amountMax)
/** Over three hundred years: whoever means longer leaves it out. */
const expiresInSecondsMax = 10_000_000_000

const minor = (description: string) => Type.Integer({ minimum: -most, maximum: most, description })
const aboutAmount = 'Minor units (ISO 4217): 1250 BRL is R$ 12.50.'
const amount = Type.Integer({ minimum: 1, maximum: most, description: aboutAmount })
const currency = Type.String({
  ...form('^[A-Z]{3}$', 'three capital letters, like BRL'),
  description: 'ISO 4217.',
  examples: ['BRL'],
})
const aboutCode = 'What it is for, in a word of yours.'
const code = Type.String({
  ...form('^[a-z][a-z0-9_.-]{0,39}$', 'a word of a-z, 0-9, _ . and -, of at most 40'),
  description: aboutCode,
  examples: ['sale'],
})
export const accountId = Type.String({ maxLength: 64, examples: ['acc_019326d0a1b27c3d8e4f5a6b7c8d9e0f'] })
const effectiveAt = Type.String({
  format: 'date-time',
  description: 'When it counts for your books. Absent: now. Balances change at once, whatever it says.',
})
const kind = oneOf(Object.keys(accountKinds) as AccountKind[], {
  description: Object.entries(accountKinds)
    .map(([word, about]) => `\`${word}\`: ${about}`)
    .join(' '),
})

export const newAccountSchema = Type.Object(
  {
    kind,
    currency,
    balance_min_minor: Type.Optional(
      orNull(minor('What the balance, less what is set aside, may not fall below. Null or absent: anything.')),
    ),
    balance_max_minor: Type.Optional(
      orNull(minor('What the balance, with what is to come, may not rise above. Null or absent: anything.')),
    ),
    shard_count: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: shardCountMax,
        default: 1,
        description:
          'Rows that the balance stands in. 16 for one that everybody pays into: then nobody waits. An account with a limit has one.',
      }),
    ),
    metadata: Type.Optional(metadataSchema),
  },
  { additionalProperties: false, examples: [{ kind: 'customer_wallet', currency: 'BRL', balance_min_minor: 0 }] },
)

export const accountSchema = Type.Object(
  {
    id: accountId,
    kind,
    currency,
    balance_minor: minor('Credits less debits that were posted.'),
    available_minor: minor('The balance less what is set aside.'),
    pending_out_minor: Type.Integer({ description: 'Set aside for transfers out of it.' }),
    pending_in_minor: Type.Integer({ description: 'To come by transfers to it.' }),
    balance_min_minor: orNull(minor('')),
    balance_max_minor: orNull(minor('')),
    shard_count: Type.Integer(),
    book: oneOf(['own', 'operator'] as const, {
      description: 'Whose book it lies in. What is yours in the operator’s you may read; only the operator moves it.',
    }),
    metadata: Type.Union([metadataSchema, Type.Null()]),
    closed_at: orNull(time),
    created_at: time,
  },
  { description: 'An account, as it stands.' },
)

export const representAccount = (readerId: string, account: Account): Static<typeof accountSchema> => ({
  id: spellId(ledgerIds.account, account.id),
  kind: account.kind,
  currency: account.currency,
  balance_minor: Number(account.balance),
  available_minor: Number(account.balance - account.pendingOut),
  pending_out_minor: Number(account.pendingOut),
  pending_in_minor: Number(account.pendingIn),
  balance_min_minor: account.balanceMin === null ? null : Number(account.balanceMin),
  balance_max_minor: account.balanceMax === null ? null : Number(account.balanceMax),
  shard_count: account.shardCount,
  book: account.book.businessId === readerId ? 'own' : 'operator',
  metadata: account.metadata && { ...account.metadata },
  closed_at: account.closedAt?.toISOString() ?? null,
  created_at: account.createdAt.toISOString(),
})

/**
 * One schema for moves and for ends of pending transfers, whose members a hand-written look tells apart: of a union a validator would
 * say what each half lacks.
 */
const askSchema = Type.Object(
  {
    kind: Type.Optional(
      oneOf(['single', 'pending', 'post', 'void'] as const, {
        default: 'single',
        description: '`single` moves at once; `pending`: the money is set aside until you `post` or `void` it.',
      }),
    ),
    pending_id: Type.Optional(
      Type.String({ maxLength: 64, description: 'Of `post` and `void`, and required there: the pending transfer.' }),
    ),
    debit_account_id: Type.Optional({
      ...accountId,
      description: 'Where the money is taken from. Not of `post` and `void`.',
    }),
    credit_account_id: Type.Optional({
      ...accountId,
      description: 'Where it is brought to. Not of `post` and `void`.',
    }),
    amount_minor: Type.Optional({
      ...amount,
      description: `${aboutAmount} Of a \`post\` it may be less than was set aside, or absent for all of it.`,
    }),
    currency: Type.Optional({ ...currency, description: 'ISO 4217, that of both accounts. Not of `post` and `void`.' }),
    code: Type.Optional({
      ...code,
      description: `${aboutCode} Absent in \`post\` and \`void\`: the pending transfer’s.`,
    }),
    expires_in_seconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: expiresInSecondsMax,
        description: 'Of `pending`: then it is worth nothing any more. Absent: it stands until you end it.',
      }),
    ),
    effective_at: Type.Optional(effectiveAt),
    metadata: Type.Optional(metadataSchema),
  },
  { additionalProperties: false },
)

export type AskBody = Static<typeof askSchema>

export const transfersBody = Type.Object(
  {
    transfers: Type.Array(askSchema, {
      minItems: 1,
      maxItems: chainMax,
      description: 'Made all or none, in this order.',
    }),
  },
  {
    additionalProperties: false,
    examples: [
      {
        transfers: [
          {
            debit_account_id: 'acc_019326d0a1b27c3d8e4f5a6b7c8d9e0f',
            credit_account_id: 'acc_019326d0a1b27c3d8e4f5a6b7c8d9e10',
            amount_minor: 1250,
            currency: 'BRL',
            code: 'sale',
          },
        ],
      },
    ],
  },
)

export const transferSchema = Type.Object(
  {
    id: Type.String(),
    kind: oneOf(transferKinds, {
      description: '`expire` is written by the server, when a pending transfer was not posted in time.',
    }),
    pending_id: orNull(
      Type.String({ description: 'Of `post`, `void` and `expire`: the pending transfer that it ends.' }),
    ),
    debit_account_id: accountId,
    credit_account_id: accountId,
    amount_minor: amount,
    currency,
    code: Type.String(),
    chain_id: orNull(Type.String({ description: 'The id of the first of those that were made with it, all or none.' })),
    pending_status: orNull(oneOf(pendingStatuses, { description: 'Of `pending`: what has become of it.' })),
    expires_at: orNull(time),
    effective_at: time,
    created_at: time,
    metadata: Type.Union([metadataSchema, Type.Null()]),
  },
  { description: 'What moved, once and for ever.' },
)

export const representTransfer = (transfer: Transfer): Static<typeof transferSchema> => ({
  id: spellId(ledgerIds.transfer, transfer.id),
  kind: transfer.kind,
  pending_id: spelled(transfer.pendingId),
  debit_account_id: spellId(ledgerIds.account, transfer.debitAccountId),
  credit_account_id: spellId(ledgerIds.account, transfer.creditAccountId),
  amount_minor: Number(transfer.amount),
  currency: transfer.currency,
  code: transfer.code,
  chain_id: spelled(transfer.chainId),
  pending_status: transfer.pendingStatus,
  expires_at: transfer.expiresAt?.toISOString() ?? null,
  effective_at: transfer.effectiveAt.toISOString(),
  created_at: transfer.createdAt.toISOString(),
  metadata: transfer.metadata && { ...transfer.metadata },
})

const spelled = (id: string | null): string | null => id && spellId(ledgerIds.transfer, id)
