import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ChannelProvider } from '#messaging/core/provider.ts'
import { contractMessage } from './case.ts'
import { channelProviderContract, contractChecks } from './contract.ts'
import { madeUp, madeUpCase } from './made-up.ts'

channelProviderContract(madeUp, madeUpCase)

const whole = madeUp as Required<ChannelProvider>
const world = { url: 'http://127.0.0.1:3999/simulator', facts: madeUpCase.facts ?? {} }

/** Faults, each with the one check that finds it. */
const faults: readonly [string, Partial<ChannelProvider>, RegExp][] = [
  [
    'forgets the reference',
    { toRequest: (message, sender) => whole.toRequest({ ...message, reference: '' }, sender) },
    /the reference to the vendor/,
  ],
  [
    'takes any answer for a yes',
    { toResult: () => ({ outcome: 'accepted', providerMessageId: 'm-1' }) },
    /as refused$|no answer for unknown|before the vendor for unknown/,
  ],
  ['believes everybody', { readNews: () => [] }, /not signed|reads the callback/],
  ['is called something else', { id: 'made-up' }, /named after its channel/],
  [
    'does not take its own settings',
    { breaksRules: () => [{ path: 'config', problem: 'is wrong' }] },
    /takes itself|breaks its rules|fit its own schemas/,
  ],
  ['may be pointed at any path', { paths: undefined as never }, /the paths of its API/],
  ['finds no broken rule', { breaksRules: () => [] }, /breaks its rules/],
  [
    'repeats a value',
    {
      breaksRules: (sender) =>
        whole.breaksRules(sender).map((one) => ({ ...one, problem: `is ${String(sender.config['sender_name'])}` })),
    },
    /breaks its rules/,
  ],
  [
    'is subscribed whatever was answered',
    { subscribe: async (sender, call) => void (await call(whole.toRequest(contractMessage, sender))) },
    /yes to the webhook/,
  ],
  [
    'tells a secret',
    { subscribe: async (sender) => Promise.reject(new Error(`no: ${sender.secrets['key']}`)) },
    /yes to the webhook/,
  ],
  [
    'has made templates whatever was answered',
    { templates: { ...whole.templates, create: async () => [] } },
    /yes to its templates/,
  ],
  [
    'lists templates whatever was answered',
    { templates: { ...whole.templates, list: async () => [] } },
    /yes to the list/,
  ],
  [
    'finds everything well',
    { examine: async () => [{ check: 'key', state: 'ok', detail: 'is right' }] },
    /nothing well/,
  ],
  ['finds nothing', { examine: async () => [] }, /nothing wrong|nothing well/],
  [
    'does not say what to do',
    {
      examine: async (sender, examination) =>
        (await whole.examine(sender, examination)).map(({ check, state, detail }) => ({ check, state, detail })),
    },
    /nothing well|does not stumble/,
  ],
  [
    'stumbles over an odd answer',
    {
      examine: async (sender, examination) => {
        const { body } = await examination.call(whole.toRequest(contractMessage, sender))
        const { account } = JSON.parse(body) as { account: { rights: string[] } }
        const state = account.rights.includes('send') ? 'ok' : 'problem'
        return [{ check: 'key', state, detail: 'rights', mend: 'Ask for another key at the vendor.' }]
      },
    },
    /nothing well|does not stumble/,
  ],
  [
    'has a fault of its own for one of the network',
    {
      examine: (sender, examination) =>
        whole.examine(sender, examination).catch(() => Promise.reject(new TypeError('of its own'))),
    },
    /only what the network threw/,
  ],
  ['makes up senders for a world without it', { simulated: () => whole.simulated(world) }, /does not tell of it/],
  ['has no simulated sender', { simulated: () => [] }, /has senders in the simulated world/],
  [
    'describes a sender that does not fit',
    {
      simulated: (world) =>
        whole.simulated(world).map((one) => ({ ...one, configFor: () => ({ api: `${world.url}/made-up` }) })),
    },
    /fit its own schemas/,
  ],
  [
    'calls the real vendor from the simulated world',
    {
      simulated: (world) =>
        whole.simulated(world).map((one) => ({
          ...one,
          setUp: async (_sender, call) =>
            void (await call({ method: 'GET', url: 'https://api.example.test/me', headers: {} })),
        })),
    },
    /nothing outside of the simulated world/,
  ],
]

describe('the contract of providers', () => {
  for (const [what, change, expected] of faults) {
    it(`finds one that ${what}`, async () => {
      const failed: string[] = []
      for (const { name, run } of contractChecks({ ...madeUp, ...change }, madeUpCase))
        await Promise.resolve()
          .then(run)
          .catch(() => failed.push(name))
      assert.ok(failed.length > 0, 'nobody noticed')
      assert.deepEqual(
        failed.filter((name) => !expected.test(name)),
        [],
        'no other check is red for it',
      )
    })
  }

  it('asks for a case of each optional member', async () => {
    const { broken: _broken, well: _well, facts: _facts, ...bare } = madeUpCase
    const missing = new Set<string>()
    for (const { run } of contractChecks(madeUp, bare))
      await Promise.resolve()
        .then(run)
        .catch(({ message }: Error) => missing.add(/a provider .* has a case.*/.exec(message)?.[0] ?? message))
    assert.deepEqual(
      [...missing],
      [
        'a provider with rules has a case for each of them',
        'a provider with a doctor has a case that is well',
        'a provider of the simulated world has a case with what that world tells',
      ],
    )
  })
})
