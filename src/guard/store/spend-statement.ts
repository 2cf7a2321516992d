import type { Charge } from '#guard/core/charge.ts'
import { countedRule } from '#guard/core/rules.ts'
import type { SendRow, SendVerdict } from '#guard/core/send.ts'
import type { Lane, Statement } from '#platform/database/bind.ts'
import { functionName } from './functions.ts'

const freely = `select ${functionName('spend_sends_freely')}(
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) as fits`
const each = `select * from ${functionName('spend_sends')}($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`

/** Sends of one moment are counted together; of those that share a counter, each knows of those before it. */
export const spendStatement: Statement<SendRow, SendVerdict> = {
  name: 'spend_sends',
  // A set may hold any two sends: the statement takes them in their order.
  conflictKeys: () => [],
  async run(lane, rows) {
    const verdict: SendVerdict = { retryAfterSeconds: 1, recordedBy: [] }
    return (await allFit(lane, rows)) ? rows.map(() => verdict) : spendEach(lane, rows)
  },
}

/** Nearly always nothing is near its limit: then each counter of the set is looked at once, and no send by itself. */
async function allFit(lane: Lane, rows: readonly SendRow[]): Promise<boolean> {
  const owners = new Places<SendRow>(({ businessId, live }) => `${businessId} ${live}`)
  const kinds = new Places<Charge>(({ limit, falls, seconds, send, creditMax }) =>
    [limit, falls, seconds, send, creditMax].join(' '),
  )
  const counters = new Map<string, { owner: number; kind: number; key: string; times: number }>()
  const kept: { owner: number; row: SendRow }[] = []
  for (const row of rows) {
    const owner = owners.of(row)
    if (row.isKept) kept.push({ owner, row })
    for (const charge of row.charges) {
      const name = `${owner} ${charge.key}`
      const found = counters.get(name)
      if (!found) counters.set(name, { owner, kind: kinds.of(charge), key: charge.key, times: 1 })
      else found.times++
    }
  }
  const all = [...counters.values()]
  const [found] = await lane.query('spend_sends_freely', freely, [
    (rows[0] as SendRow).now,
    owners.all.map((row) => row.businessId),
    owners.all.map((row) => row.live),
    kinds.all.map(({ limit }) => limit),
    kinds.all.map(({ falls }) => falls),
    kinds.all.map(({ seconds }) => seconds),
    kinds.all.map(({ send }) => send),
    kinds.all.map(({ creditMax }) => creditMax),
    all.map(({ owner }) => owner),
    all.map(({ kind }) => kind),
    all.map(({ key }) => key),
    all.map(({ times }) => times),
    kept.map(({ owner }) => owner),
    kept.map(({ row }) => row.subjectId),
    kept.map(({ row }) => keptKeys(row).join(',')),
  ])
  return found?.['fits'] === true
}

/** Of the counters of a send those that what becomes of it changes. */
const keptKeys = ({ charges }: SendRow): string[] =>
  charges.filter(({ rule }) => countedRule(rule).worth !== undefined).map(({ key }) => key)

/** What many have in common, once, with its place from 1. */
class Places<One> {
  readonly all: One[] = []
  readonly #places = new Map<string, number>()
  readonly #spell: (one: One) => string

  constructor(spell: (one: One) => string) {
    this.#spell = spell
  }

  of(one: One): number {
    const name = this.#spell(one)
    const place = this.#places.get(name) ?? this.all.push(one)
    this.#places.set(name, place)
    return place
  }
}

async function spendEach(lane: Lane, rows: readonly SendRow[]): Promise<(SendVerdict | undefined)[]> {
  const charges = rows.flatMap((row, index) => row.charges.map((charge) => ({ n: index + 1, charge })))
  const found = await lane.query('spend_sends', each, [
    (rows[0] as SendRow).now,
    rows.map((row) => row.businessId),
    rows.map((row) => row.live),
    rows.map((row) => row.subjectId),
    rows.map((row) => row.isKept),
    charges.map(({ n }) => n),
    charges.map(({ charge }) => charge.key),
    charges.map(({ charge }) => charge.limit),
    charges.map(({ charge }) => charge.falls),
    charges.map(({ charge }) => charge.seconds),
    charges.map(({ charge }) => charge.send),
    charges.map(({ charge }) => charge.creditMax),
    charges.map(({ charge }) => charge.isEnforced),
  ])
  const at = (place: unknown): Charge => (charges[(place as number) - 1] as { charge: Charge }).charge
  const verdicts: (SendVerdict | undefined)[] = rows.map(() => undefined)
  for (const one of found) {
    if (one['outcome'] === 'again') continue
    verdicts[(one['n'] as number) - 1] = {
      ...(one['outcome'] === 'refused' && { refusedBy: at(one['refused_by']) }),
      retryAfterSeconds: Math.max(1, Math.ceil((one['retry_after'] as number | null) ?? 0)),
      recordedBy: ((one['recorded_by'] as number[] | null) ?? []).map(at),
    }
  }
  return verdicts
}
