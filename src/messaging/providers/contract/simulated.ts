import assert from 'node:assert/strict'
import type { ChannelProvider } from '#messaging/core/provider.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { SimulatedSender } from '#messaging/core/simulated.ts'
import { fieldErrors } from '#messaging/providers/validate.ts'
import { type Check, type ContractCase, contractMessage } from './case.ts'

const url = 'http://127.0.0.1:3999/simulator'
const webhookUrl = 'http://127.0.0.1:3000/webhooks/snd_1'

/**
 * Simulated senders are senders like any others, but they know no address outside of the simulator: a test key never
 * reaches a provider.
 */
export function simulatedChecks(provider: ChannelProvider, given: ContractCase): Check[] {
  if (!provider.simulated) return []
  const listed = (): readonly SimulatedSender[] => {
    assert.ok(given.facts, 'a provider of the simulated world has a case with what that world tells')
    return provider.simulated?.({ url, facts: given.facts }) ?? []
  }
  const senderOf = ({ purpose, configFor, secrets }: SimulatedSender): Sender => ({
    ...given.senderAt(url),
    live: false,
    purpose,
    config: configFor(webhookUrl),
    secrets,
  })
  return [
    {
      name: 'has senders in the simulated world, one a purpose, that fit its own schemas and rules',
      run: async () => {
        assert.ok(listed().length > 0)
        assert.equal(new Set(listed().map(({ purpose }) => purpose)).size, listed().length)
        for (const one of listed()) assert.deepEqual(await fieldErrors(provider, senderOf(one)), [], one.purpose)
      },
    },
    {
      name: 'has none in a simulated world that does not tell of it',
      run: () => {
        for (const facts of [{}, { [provider.channel]: null }])
          assert.deepEqual(provider.simulated?.({ url, facts }), [])
      },
    },
    {
      name: 'calls nothing outside of the simulated world, neither sending nor setting up',
      run: async () => {
        for (const one of listed()) {
          const sender = senderOf(one)
          const called = [provider.toRequest(contractMessage, sender).url]
          const call = async (wanted: { readonly url: string }) => {
            called.push(wanted.url)
            return { status: 200, body: '{"success":true,"data":[]}' }
          }
          // This vendor's yes may be another word; where it looked for it is what counts.
          await one.setUp?.(sender, call, webhookUrl).catch(() => undefined)
          const address = provider.addressOf?.(sender)
          for (const where of [...called, ...(address === undefined ? [] : [address])])
            assert.ok(where.startsWith(`${url}/`), where)
        }
      },
    },
  ]
}
