import type { FastifyBaseLogger } from 'fastify'

/** So many names are told at most: whoever sends invented ones fills neither the log nor the memory. */
const namesMax = 200

/**
 * Parameters that a vendor's API has and ours ignores, as well as those nobody has: each is logged once, so that
 * whoever moves here sees what no longer has an effect. Names only, never values.
 */
export function ignoredParameters(vendor: string): (log: FastifyBaseLogger, names: Iterable<string>) => void {
  const told = new Set<string>()
  return (log, names) => {
    for (const name of names) {
      if (told.size >= namesMax) return
      if (told.has(name) || !/^[A-Za-z][\w.-]{0,39}$/.test(name)) continue
      told.add(name)
      log.info({ vendor, parameter: name }, 'a parameter has no effect here')
    }
  }
}
