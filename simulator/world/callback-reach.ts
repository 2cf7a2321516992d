import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import type { World } from './world.ts'

const thisMachine = new BlockList()
thisMachine.addSubnet('127.0.0.0', 8, 'ipv4')
thisMachine.addAddress('::1', 'ipv6')

/**
 * Anybody who reaches the simulator may tell it where news go, so it calls nothing but this machine and the hosts
 * it was given: it must not become a way into somebody's network.
 */
export async function mayCall({ callbackHosts, callsOnly, ownAddress }: World, given: unknown): Promise<boolean> {
  if (typeof given !== 'string' || !URL.canParse(given)) return false
  const { protocol, hostname, host } = new URL(given)
  if (protocol !== 'http:' && protocol !== 'https:') return false
  if (callsOnly) return callsOnly(new URL(given))
  if (callbackHosts.includes(host) || callbackHosts.includes(hostname)) return true
  const literal = hostname.replace(/^\[(.*)\]$/, '$1')
  const addresses = isIP(literal) !== 0 ? [literal] : await addressesOf(literal)
  return addresses.length > 0 && addresses.every((one) => one === ownAddress || isThisMachine(one))
}

const addressesOf = (name: string): Promise<string[]> =>
  lookup(name, { all: true }).then(
    (found) => found.map(({ address }) => address),
    () => [],
  )

const isThisMachine = (address: string): boolean => thisMachine.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
