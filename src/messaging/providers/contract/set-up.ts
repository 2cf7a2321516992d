import assert from 'node:assert/strict'
import type { ChannelProvider } from '#messaging/core/provider.ts'
import type { Call } from '#messaging/core/provider-call.ts'
import { fieldErrors } from '#messaging/providers/validate.ts'
import type { Check, ContractCase } from './case.ts'

/** Answers in which no vendor says yes. */
export const odd = [
  { status: 500, body: '' },
  { status: 403, body: '{}' },
  { status: 400, body: '{"error":{"message":null}}' },
  ...['', '<html>', 'null', '[]', '7', '{}'].map((body) => ({ status: 200, body })),
] as const

const webhookUrl = 'https://verify.example.test/webhooks/snd_1'

/** Settings, and what is set up at the vendor with them. */
export const setUpChecks = (provider: ChannelProvider, given: ContractCase): Check[] => {
  const sender = given.senderAt('http://127.0.0.1:1')
  const { templates } = provider
  return [
    {
      name: 'is named after its channel, and has settings that it takes itself',
      run: async () => {
        assert.match(provider.id, new RegExp(`^${provider.channel}(-[a-z0-9]+)+$`))
        assert.match(provider.vendor, /^[A-Z0-9]/)
        assert.deepEqual(await fieldErrors(provider, sender), [])
        for (const [name, value] of Object.entries(provider.webhookFields?.(sender) ?? {})) {
          assert.match(name, /^[a-z][a-z_]*$/)
          assert.notEqual(value, '', name)
        }
      },
    },
    ...(provider.breaksRules ? [rulesCheck(provider, given)] : []),
    ...(provider.subscribe
      ? [yesCheck('the webhook', async (call) => provider.subscribe?.(sender, call, webhookUrl), sender.secrets)]
      : []),
    ...(templates
      ? [
          yesCheck('its templates', (call) => templates.create(sender, call), sender.secrets),
          yesCheck('the list of templates', (call) => templates.list(sender, call), sender.secrets),
        ]
      : []),
  ]
}

const rulesCheck = (provider: ChannelProvider, given: ContractCase): Check => ({
  name: 'finds what breaks its rules, and repeats no value',
  run: async () => {
    const well = given.senderAt('http://127.0.0.1:1')
    assert.ok(given.broken?.length, 'a provider with rules has a case for each of them')
    for (const { name, settings, path } of given.broken) {
      const errors = await fieldErrors(provider, { ...well, ...settings })
      assert.ok(errors.map((one) => one.path).includes(path), `${name}: ${JSON.stringify(errors)}`)
      const known = new Set(textsIn(well.config))
      const values = [...textsIn({ ...settings.config }).filter((one) => !known.has(one)), ...textsIn(well.secrets)]
      const said = errors.map(({ problem }) => problem).join('\n')
      for (const value of values) assert.ok(!said.includes(value), `${name}: a value is repeated`)
    }
  },
})

/** A set-up that may not have happened is never reported as done, and the reason is told without a secret. */
const yesCheck = (what: string, act: (call: Call) => Promise<unknown>, secrets: Readonly<Record<string, string>>) => ({
  name: `takes no answer that it does not understand for a yes to ${what}`,
  run: async () => {
    for (const answer of odd) {
      const error = await act(async () => answer).then(
        () => undefined,
        (error: unknown) => error,
      )
      assert.ok(error instanceof Error, `HTTP ${answer.status} ${answer.body}`)
      assert.ok(!(error instanceof TypeError), `it stumbled: ${error.message}`)
      for (const secret of textsIn(secrets)) assert.ok(!error.message.includes(secret), 'a secret is told')
    }
  },
})

/** Every text in a value. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
