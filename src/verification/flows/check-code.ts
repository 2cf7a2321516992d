import { platformRefusals } from '#platform/core/refusals.ts'
import type { Caller } from '#platform/core/caller.ts'
import { Refusal, type RefusalFacts } from '#platform/core/refusal.ts'
import { budgetLimits } from '#verification/core/budget.ts'
import { checkedBytes } from '#verification/core/code.ts'
import type { Idempotency } from '#platform/core/idempotency.ts'
import type { CheckAnswer } from '#verification/core/engine.ts'
import { transactionText } from '#verification/core/transaction.ts'
import type { Transaction } from '#verification/core/verification.ts'
import type { Outside } from './outside.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'

export interface CheckRequest {
  readonly id: string
  /** Normalised digits. */
  readonly code: string
  readonly transaction?: Transaction | undefined
  readonly idempotency?: Idempotency | undefined
}

export interface Checked {
  readonly isValid: boolean
  readonly status: CheckAnswer['status']
  readonly checksRemaining: number
}

/**
 * Compares a guess. Everything is decided by one guarded statement, and no answer leaves before its commit: an error
 * or a crash refunds nothing.
 */
export async function checkCode(
  outside: Pick<Outside, 'engine' | 'keys' | 'now' | 'mayCheck'>,
  caller: Caller,
  request: CheckRequest,
): Promise<Checked> {
  const checking = await outside.mayCheck(caller, request.id)
  if (checking.refusal) throw checking.refusal
  const now = outside.now()
  let outcome: CheckAnswer['outcome'] | undefined
  try {
    const answer = await compare(outside, caller, request, now)
    // An answer that is repeated compared nothing, or one right code could be told again and again against wrong ones.
    outcome = answer.isRepeated ? undefined : answer.outcome
    return checkedBy(answer, now)
  } finally {
    checking.ended(outcome === 'approved' ? 'right' : outcome === 'wrong' ? 'wrong' : 'void')
  }
}

async function compare(
  outside: Pick<Outside, 'engine' | 'keys'>,
  caller: Caller,
  request: CheckRequest,
  now: Date,
): Promise<CheckAnswer> {
  const { keys } = outside
  const guess = checkedBytes(request.id, transactionText(request.transaction), request.code)
  return outside.engine.check({
    businessId: caller.businessId,
    live: caller.live,
    id: request.id,
    macs: new Map(keys.versions.map((version) => [version, keys.checkMac(version, guess)])),
    ...(request.idempotency && { idempotency: request.idempotency }),
    now,
  })
}

function checkedBy(answer: CheckAnswer, now: Date): Checked {
  const { status, checksRemaining } = answer
  if (answer.outcome === 'approved') return { isValid: true, status, checksRemaining }
  if (answer.outcome === 'wrong') return { isValid: false, status, checksRemaining }
  if (answer.outcome === 'key_unavailable')
    throw new Refusal(verificationRefusals.key_unavailable, { retryAfterSeconds: 5 })
  throw new Refusal(
    answer.outcome === 'idempotency_key_reused'
      ? platformRefusals.idempotency_key_reused
      : verificationRefusals[answer.outcome],
    answer.retryAt && pausedUntil(answer.retryAt, answer.outcome, now),
  )
}

/** Until then no check is left, neither of the day's nor of those before the first wait. */
function pausedUntil(retryAt: Date, outcome: CheckAnswer['outcome'], now: Date): RefusalFacts {
  const seconds = Math.max(1, Math.ceil((retryAt.getTime() - now.getTime()) / 1000))
  const limit = outcome === 'recipient_budget_spent' ? budgetLimits.failuresPerDay : budgetLimits.waitsAfter
  return { retryAfterSeconds: seconds, quota: { limit, remaining: 0, resetSeconds: seconds } }
}
