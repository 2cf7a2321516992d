import { isIP } from 'node:net'
import type { Client } from '#messaging/core/may-leave.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

interface GivenClient {
  readonly ip?: string
  readonly user_agent?: string
  readonly device_id?: string
}

/** An address that is none is refused: counted as nobody's, it would let everybody pass. */
export function readClient({ ip, user_agent: userAgent, device_id: deviceId }: GivenClient): Client {
  if (ip !== undefined && isIP(ip) === 0) {
    const errors = [{ path: 'body/client/ip', problem: 'must be an IPv4 or IPv6 address' }]
    throw new Refusal(platformRefusals.body_invalid, { errors })
  }
  return { ip, userAgent, deviceId }
}
