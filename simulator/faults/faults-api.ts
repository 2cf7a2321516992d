import type { FastifyInstance } from 'fastify'
import { e164, integerFrom, numberFrom, oneOf, readMembers } from '../control/control-body.ts'
import { ControlError } from '../control/control-body.ts'
import { phoneOf } from '../handsets/phone-number.ts'
import type { World } from '../world/world.ts'
import { type Fault, faultKinds, holdDefaultMs, slowDefaultMs } from './faults.ts'

const slowMaxMs = 60_000
const holdMaxMs = 7 * 86_400_000

/** What goes wrong, for whom, on which channel and how often. */
export async function faultRoutes(app: FastifyInstance, { world }: { world: World }): Promise<void> {
  const list = (): object => ({ faults: world.faults.list().map(represent) })
  app.post('/faults', async (request, reply) => {
    world.faults.add(readFault(request.body))
    return reply.status(201).send(list())
  })
  app.get('/faults', async () => list())
  app.delete('/faults', async (_request, reply) => {
    world.faults.clear()
    return reply.status(204).send()
  })
}

function readFault(body: unknown): Fault {
  const {
    kind,
    to,
    channel,
    count,
    delay_ms: delayMs,
    ends,
  } = readMembers(body, {
    kind: oneOf(faultKinds),
    to: e164,
    channel: oneOf(['whatsapp', 'sms']),
    count: integerFrom(1, 1_000_000),
    delay_ms: numberFrom(0, holdMaxMs),
    ends: oneOf(['dropped', 'released']),
  })
  if (kind === undefined) throw new ControlError(400, `"kind" must be one of ${faultKinds.join(', ')}.`)
  if (delayMs !== undefined && kind !== 'slow' && kind !== 'hold')
    throw new ControlError(400, '"delay_ms" is for slow and hold.')
  if (delayMs !== undefined && kind === 'slow' && delayMs > slowMaxMs)
    throw new ControlError(400, `"delay_ms" of slow must be at most ${slowMaxMs}.`)
  if (ends !== undefined && kind !== 'hold') throw new ControlError(400, '"ends" is for hold.')
  return {
    kind,
    ...(to !== undefined && { to: phoneOf(to) }),
    ...(channel !== undefined && { channel }),
    delayMs: delayMs ?? (kind === 'hold' ? holdDefaultMs : kind === 'slow' ? slowDefaultMs : 0),
    isReleased: ends === 'released',
    count,
  }
}

const represent = ({ kind, to, channel, count, delayMs, isReleased }: Fault): object => ({
  kind,
  ...(to !== undefined && { to: `+${to}` }),
  ...(channel !== undefined && { channel }),
  ...(count !== undefined && { count }),
  ...((kind === 'slow' || kind === 'hold') && { delay_ms: delayMs }),
  ...(kind === 'hold' && { ends: isReleased ? 'released' : 'dropped' }),
})
