import { describe, it } from 'node:test'
import type { ChannelProvider } from '#messaging/core/provider.ts'
import type { Check, ContractCase } from './case.ts'
import { doctorChecks } from './doctor.ts'
import { newsChecks } from './news.ts'
import { sendingChecks } from './sending.ts'
import { setUpChecks } from './set-up.ts'
import { simulatedChecks } from './simulated.ts'

/** What every provider has to do, whatever its vendor, and what goes with each optional member that it has. */
export const contractChecks = (provider: ChannelProvider, given: ContractCase): Check[] =>
  [sendingChecks, newsChecks, setUpChecks, doctorChecks, simulatedChecks].flatMap((checks) => checks(provider, given))

/** Registers the checks as tests. */
export function channelProviderContract(provider: ChannelProvider, given: ContractCase): void {
  describe(`${provider.id} as a channel provider`, () => {
    for (const { name, run } of contractChecks(provider, given)) it(name, run)
  })
}
