import { type Charge, chargesOf } from '#guard/core/charge.ts'
import { brokenByNumber, countryOf } from '#guard/core/number.ts'
import type { Policy } from '#guard/core/policy.ts'
import { countedRule, type RuleId } from '#guard/core/rules.ts'
import type { SendRow, SendVerdict } from '#guard/core/send.ts'
import type { Leave, Leaving, MayLeave } from '#messaging/core/may-leave.ts'
import type { NumberFacts } from '#platform/core/number-facts.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { JudgingTakes } from './judging.ts'
import { refusalOf } from './refusal-of.ts'

export interface LeavingTakes extends JudgingTakes {
  readonly factsOf: (number: string) => NumberFacts | undefined
  readonly mac: (kind: string, text: string) => string
  readonly personKeyOf: (businessId: string, recipient: string) => string
  readonly spend: (row: SendRow) => Promise<SendVerdict>
  /** It never throws. */
  readonly giveBack: (row: SendRow) => Promise<void>
  readonly now: () => Date
}

const uncounted: Leave = { giveBack: async () => undefined }
const refused = (refusal: Refusal): Leave => ({ ...uncounted, refusal })

/** Signals of a send, the rules that look at them, and the verdict: first those on the number, then all that count. */
export const createMayLeave =
  (takes: LeavingTakes): MayLeave =>
  async (leaving) => {
    const facts = leaving.recipient.includes('@') ? undefined : takes.factsOf(leaving.recipient)
    const policy = await takes.policyOf(leaving)
    const refusal = judgeNumber(takes, leaving, policy, facts)
    if (refusal) return refused(refusal)
    const charges = chargesOf(leaving, { ...takes, policy, facts })
    return charges.length === 0 ? uncounted : count(takes, leaving, charges, facts)
  }

function judgeNumber(
  { tell }: Pick<LeavingTakes, 'tell'>,
  leaving: Leaving,
  policy: Policy,
  facts: NumberFacts | undefined,
): Refusal | undefined {
  // Nobody earns with what a chat says by WhatsApp, and who wrote to the business may be anywhere.
  if (!facts || leaving.kind === 'chat') return undefined
  const country = countryOf(facts)
  const broken = brokenByNumber(policy, leaving.channel, facts).filter((rule) => policy.mode(rule) !== 'off')
  for (const rule of broken) {
    const isRefused = policy.mode(rule) === 'enforce'
    tell({ ...leaving, rule, key: `${rule} ${country}`, isRefused, country })
    if (isRefused) return new Refusal(refusalOf[rule])
  }
  return undefined
}

async function count(
  { spend, giveBack, tell, now }: LeavingTakes,
  leaving: Leaving,
  charges: readonly Charge[],
  facts: NumberFacts | undefined,
): Promise<Leave> {
  const { businessId, live, subjectId } = leaving
  const rowOf = (counted: readonly Charge[]): SendRow => {
    const isKept = leaving.kind === 'start' && counted.some(({ rule }) => countedRule(rule).worth !== undefined)
    return { businessId, live, subjectId, isKept, charges: counted, now: now() }
  }
  const country = facts && countryOf(facts)
  const broken = (rule: RuleId, key: string, isRefused: boolean) => ({ ...leaving, rule, key, isRefused, country })
  let row = rowOf(charges)
  let verdict = await spend(row)
  const { refusedBy: first } = verdict
  // Whoever floods a country or a network with codes would else lock out everybody who is known there.
  if (first && looksForProof(first) && (await leaving.hasProven?.()) === true) {
    tell(broken(first.rule, first.key, false))
    row = rowOf(charges.filter((one) => !looksForProof(one)))
    verdict = await spend(row)
  }
  const { refusedBy, retryAfterSeconds, recordedBy } = verdict
  for (const { rule, key } of recordedBy) tell(broken(rule, key, false))
  if (!refusedBy)
    return { giveBack: () => giveBack({ ...row, charges: row.charges.filter((one) => !recordedBy.includes(one)) }) }
  const { rule, key, limit } = refusedBy
  tell(broken(rule, key, true))
  const quota = { limit, remaining: 0, resetSeconds: retryAfterSeconds }
  return refused(new Refusal(refusalOf[rule], { retryAfterSeconds, quota }))
}

/** Its counter falls with codes that are entered. */
const looksForProof = ({ rule }: Charge): boolean => countedRule(rule).worth?.approved !== undefined
