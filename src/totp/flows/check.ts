import type { TotpCheck, TotpFactor } from '#totp/core/factor.ts'
import type { MayCheck } from '#verification/core/may-check.ts'

interface CheckTakes {
  readonly factors: {
    check(
      factor: TotpFactor,
      guess: { readonly code: string; readonly challengeId?: string },
      now: Date,
    ): Promise<TotpCheck | undefined>
  }
  readonly mayCheck: MayCheck
}

/**
 * Compares a code of an authenticator app. Each app has a budget of its own; whoever guesses one code each of very many apps
 * is held up as with codes that are sent.
 */
export const createCheck =
  ({ factors, mayCheck }: CheckTakes) =>
  async (
    owner: Parameters<MayCheck>[0],
    factor: TotpFactor,
    guess: { readonly code: string; readonly challengeId?: string },
    now: Date,
  ): Promise<TotpCheck | undefined> => {
    const checking = await mayCheck(owner, factor.id)
    if (checking.refusal) throw checking.refusal
    let outcome: TotpCheck['outcome'] | undefined
    try {
      const check = await factors.check(factor, guess, now)
      outcome = check?.outcome
      return check
    } finally {
      checking.ended(outcome === 'right' || outcome === 'wrong' ? outcome : 'void')
    }
  }
