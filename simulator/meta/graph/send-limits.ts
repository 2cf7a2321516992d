import type { World } from '../../world/world.ts'
import { GraphError } from './errors.ts'

const pairCapacity = 45
const pairRefillPerMs = 1 / 6000
const bucketsMax = 20_000

/** Token buckets: one for the number, one for each pair of number and person. */
export function takeTokens(world: World, digits: string): void {
  const { limits, buckets } = world
  if (buckets.size > bucketsMax) buckets.clear()
  const take = (key: string, capacity: number, refillPerMs: number): boolean => {
    const now = world.clock.now()
    const bucket = buckets.get(key) ?? { tokens: capacity, at: now }
    bucket.tokens = Math.min(capacity, bucket.tokens + (now - bucket.at) * refillPerMs)
    bucket.at = now
    buckets.set(key, bucket)
    if (bucket.tokens < 1) return false
    bucket.tokens--
    return true
  }
  if (!take('number', limits.perSecond, limits.perSecond / 1000))
    throw new GraphError(130429, 'Cloud API message throughput has been reached.')
  if (limits.pair && !take(digits, pairCapacity, pairRefillPerMs)) {
    throw new GraphError(131056, 'Too many messages from this phone number to the same recipient in a short period.')
  }
}
