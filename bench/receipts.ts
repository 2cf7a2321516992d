import { randomBytes } from 'node:crypto'
import { uuidOf } from './lib/centang-server.ts'
import { runSql } from './lib/database.ts'
import type { ReceiptsTarget } from './lib/flows.ts'
import { cpuUs, measure } from './lib/measure.ts'
import { readOptions, warnOfMemoryDisk } from './lib/options.ts'
import { closedPlan } from './lib/plans.ts'
import { interleave, medianOf, tellClaim, tellFigure } from './lib/rounds.ts'
import { Ground, type OurSide } from './lib/sides.ts'
import { spellReference } from '#messaging/core/reference.ts'
import { messagingIds } from '#messaging/core/ids.ts'

// Webhooks of the WhatsApp Cloud API: signed, one status each, and each raises one delivery (delivered, then read), so
// every one of them writes. The answer comes after the commit. A "flow" of the table is two webhooks.
// --rows: deliveries for each round.
const options = readOptions({ connections: 64, lag: 4, rows: 120_000 })
warnOfMemoryDisk()

const appSecret = randomBytes(16).toString('hex')
const ground = await Ground.open()

/** A sender made as a business makes it; returns its id and the path of its webhook. */
async function addWhatsApp({ server, apiKey }: OurSide): Promise<{ senderId: string; path: string }> {
  const made = await server.post<{ id: string; webhook_url: string }>('/v1/senders', apiKey, {
    channel: 'whatsapp',
    provider: 'whatsapp-cloud-api',
    config: { phone_number_id: '106540352242922', waba_id: '102290129340398', template_name: 'verify' },
    secrets: { access_token: 'EAAbenchbench', app_secret: appSecret, verify_token: 'benchbench' },
  })
  return { senderId: uuidOf(messagingIds.sender, made.id), path: new URL(made.webhook_url).pathname }
}

/**
 * Sent messages that wait for news, as `record_sends` leaves them. Their ids share the first half and count in the
 * second: side by side in the index, as those of one second's messages are.
 */
async function seedSent({ databaseUrl, businessId }: OurSide, senderId: string, count: number): Promise<string> {
  const half = `${Date.now().toString(16).padStart(12, '0')}7000`
  await runSql(
    databaseUrl,
    `insert into delivery
       (business_id, id, code_id, application_id, live, step_index, channel, sender_id, status,
        provider_message_id, queued_at, sent_at)
     select $1, ($3::text || lpad(to_hex(n), 16, '0'))::uuid, gen_random_uuid(), $1, true, 0, 'whatsapp', $2, 'sent',
       'wamid.bench.' || lpad(to_hex(n), 16, '0'), now(), now()
     from generate_series(0, $4::bigint - 1) as n`,
    [businessId, senderId, half, count],
  )
  return spellReference(businessId, half)
}

try {
  const ours = await ground.addOurs('centang')
  const { senderId, path } = await addWhatsApp(ours)
  // One round more: the first is not counted.
  const deliveryCount = (options.rounds + 1) * options.rows
  const referencePrefix = await seedSent(ours, senderId, deliveryCount)
  const { port } = ours.server
  const target: ReceiptsTarget = { kind: 'receipts', port, path, appSecret, referencePrefix, deliveryCount }
  const plan = closedPlan(options, options.connections, options.lag)
  let firstNumber = -options.rows
  const [measured = []] = await interleave(options.rounds, ground.database, [
    {
      name: 'receipts',
      run: () => {
        firstNumber += options.rows
        const load = { ...plan(firstNumber), target: { ...target, deliveryCount: firstNumber + options.rows } }
        return measure(load, { server: ours.server.pid, database: ground.database.pid })
      },
    },
  ])
  const perSecond = medianOf(measured, ({ requestsPerSecond }) => requestsPerSecond)
  tellClaim('webhooks/s answered after commit', perSecond, '', { atLeast: 10_000 })
  const p99 = medianOf(measured, ({ start, check }) => Math.max(start.p99, check.p99))
  tellClaim('p99 of a webhook', p99, ' ms', { atMost: 50 })
  tellFigure(
    'CPU a webhook',
    medianOf(measured, (one) => cpuUs(one) / 2),
    ' µs',
  )
} finally {
  await ground.stop()
}
