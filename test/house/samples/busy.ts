import { it } from 'node:test'

/** For the ratchet's own test: more processor time than it allows there. */
it('works', () => {
  const from = process.cpuUsage()
  while (process.cpuUsage(from).user < 1_200_000) for (let n = 0; n < 1e5; n++) Math.imul(n, n)
})
