import assert from 'node:assert/strict'
import type { Finding } from '#messaging/core/finding.ts'
import type { ChannelProvider } from '#messaging/core/provider.ts'
import type { Call, ProviderAnswer } from '#messaging/core/provider-call.ts'
import type { Check, ContractCase } from './case.ts'
import { odd, textsIn } from './set-up.ts'

/** The doctor: it is run when things are wrong, so whatever the vendor answers is no reason to stumble. */
export function doctorChecks(provider: ChannelProvider, { well }: ContractCase): Check[] {
  if (!provider.examine) return []
  const look = async (call: Call): Promise<readonly Finding[]> => {
    assert.ok(well, 'a provider with a doctor has a case that is well')
    const findings = (await provider.examine?.(well.sender, { ...well.examination, call })) ?? []
    assertTold(findings, well.sender.secrets)
    return findings
  }
  return [
    {
      name: 'finds nothing wrong where everything is well',
      run: async () => {
        const findings = await look(answering(well))
        assert.ok(findings.length > 0)
        assert.deepEqual(
          findings.filter(({ state }) => state !== 'ok'),
          [],
        )
      },
    },
    {
      name: 'finds nothing well in answers that it does not understand',
      run: async () => {
        for (const answer of odd) {
          const findings = await look(async () => answer)
          assert.ok(
            findings.some(({ state }) => state !== 'ok'),
            `HTTP ${answer.status} ${answer.body}`,
          )
        }
      },
    },
    {
      name: 'does not stumble, whatever part of an answer is another than it should be',
      run: async () => {
        const heard = new Map<string, ProviderAnswer>()
        await look(async (wanted) => {
          const answer = await answering(well)(wanted)
          heard.set(wanted.url, answer)
          return answer
        })
        for (const [url, { status, body }] of heard) {
          for (const mutant of mutantsOf(JSON.parse(body))) {
            const changed = { status, body: JSON.stringify(mutant) }
            await look(async (wanted) => (wanted.url === url ? changed : answering(well)(wanted)))
          }
        }
      },
    },
    {
      name: 'throws only what the network threw',
      run: async () => {
        const thrown = new Error('ECONNRESET')
        const seen = await look(() => Promise.reject(thrown)).catch((error: unknown) => error)
        assert.ok(seen === thrown || Array.isArray(seen), String(seen))
      },
    },
  ]
}

const answering =
  (well: ContractCase['well']): Call =>
  (wanted) => {
    assert.ok(well)
    return well.examination.call(wanted)
  }

/** Each says what to do when there is something, and none says a secret. */
function assertTold(findings: readonly Finding[], secrets: Readonly<Record<string, string>>): void {
  for (const { check, state, detail, mend } of findings) {
    assert.ok(['ok', 'warning', 'problem'].includes(state), state)
    assert.notEqual(check, '')
    assert.doesNotMatch(`${detail} ${mend ?? ''}`, /undefined|\[object|NaN/, 'it is written for people')
    if (state !== 'ok') assert.ok((mend ?? '').length > 10, `${check}: ${detail} says what to do`)
    for (const secret of textsIn(secrets)) assert.ok(!`${detail} ${mend}`.includes(secret), 'a secret is told')
  }
}

/** The value with any one part of it replaced by something else. */
function* mutantsOf(value: unknown): Generator {
  for (const other of [null, 7, '', 'other', true, [], {}, [null], [[]], [{}]]) yield other
  if (typeof value !== 'object' || value === null) return
  for (const name of Object.keys(value)) {
    const part = (value as Record<string, unknown>)[name]
    for (const mutant of mutantsOf(part)) {
      const copy: unknown = Array.isArray(value) ? [...value] : { ...value }
      ;(copy as Record<string, unknown>)[name] = mutant
      yield copy
    }
  }
}
