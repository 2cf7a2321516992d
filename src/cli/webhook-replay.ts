import { setTimeout as pause } from 'node:timers/promises'
import { type Api, type ApiOptions, openApi } from './api.ts'
import { CommandFailed, exitCodes, usageError } from './exit.ts'
import { createProgress, paint, print, printJson, tell, timeOf } from './terminal.ts'
import { findEndpoint, pathOf } from './webhook-endpoint.ts'
import { type EndpointView, lastAnswer, type WebhookView } from './webhook-view.ts'

export interface ReplayOptions extends ApiOptions {
  readonly since?: string
  readonly event?: string
  readonly wait: boolean
}

interface Replayed {
  readonly found: boolean
  readonly requested_at: string
}

interface ProgressView {
  readonly waiting: number
  readonly delivered: number
  readonly retrying: number
  readonly failed: number
  readonly caught_up: boolean
}

const lookEveryMs = 300

export async function replay(given: string | undefined, options: ReplayOptions): Promise<void> {
  const { since, event, wait, json } = options
  if ((since === undefined) === (event === undefined))
    throw usageError('What is to be sent again? Give --since <time>, or --event <webhook-id>; one of them.')
  const wanted = since === undefined ? { delivery_id: event } : { since: readSince(since, new Date()).toISOString() }
  const api = openApi(options)
  const endpoint = await findEndpoint(api, given)
  requireEnabled(endpoint)
  const replayed = await api.call<Replayed>('POST', `${pathOf(endpoint.id)}/replay`, wanted)
  const answer = { endpoint_id: endpoint.id, ...replayed }
  if (!replayed.found || !wait) {
    if (json) printJson(answer)
    else print(replayed.found ? `It is on its way to ${endpoint.url}.` : 'Nothing has happened since then.')
    return
  }
  if (!json) tell(paint('dim', `On its way to ${endpoint.url}. Ctrl-C ends the waiting only.`, process.stderr))
  await (event === undefined
    ? followAll(api, endpoint, answer, options)
    : followOne(api, endpoint, { ...answer, event }, options))
}

const unitsMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A time, or how long ago. */
export function readSince(spelled: string, now: Date): Date {
  const [, amount, unit = ''] = /^(\d{1,9}) ?([smhd]|(?:second|minute|hour|day)s?)$/.exec(spelled) ?? []
  const [, day, rest] = /^(\d{4}-\d\d-\d\d)([T ].+)?$/.exec(spelled) ?? []
  // A day alone would be one of UTC to Date, and everything else without a zone one of this machine.
  const spelledTime = day === undefined ? '' : day + (rest ?? 'T00:00')
  const ms =
    amount === undefined ? Date.parse(spelledTime) : now.getTime() - Number(amount) * (unitsMs[unit.charAt(0)] ?? 0)
  const time = new Date(ms)
  // Before 1970 there is nothing to send, and the API's format of times has four digits for a year.
  if (!(ms >= 0 && ms < Date.parse('9999-01-01')))
    throw usageError(`--since takes a time as 2026-11-25T04:00:00Z, or how long ago: 45m, 12h, 3d.`)
  if (time > now) throw usageError(`--since ${spelled} is ${time.toISOString()}: that has not come yet.`)
  return time
}

/** The API says this too, but not how to mend it here. */
function requireEnabled({ id, disabled, disabled_reason: reason }: EndpointView): void {
  if (!disabled) return
  throw new CommandFailed(
    exitCodes.failed,
    `The endpoint is disabled (${reason}). Enable it first: centang webhooks enable ${id}`,
    { code: 'endpoint_disabled', endpoint_id: id, disabled_reason: reason },
  )
}

async function followAll(api: Api, endpoint: EndpointView, replayed: Replayed, { json }: ReplayOptions): Promise<void> {
  const line = createProgress()
  const path = `${pathOf(endpoint.id)}/progress?since=${encodeURIComponent(replayed.requested_at)}`
  const look = () => untilGone(() => api.call<ProgressView>('GET', path))
  let progress = await look()
  while (!progress.caught_up || progress.waiting > 0) {
    line.step(spellProgress(progress, process.stderr))
    await pause(lookEveryMs)
    progress = await look()
  }
  const { delivered, retrying, failed } = progress
  line.clear()
  if (json) printJson({ ...replayed, delivered, retrying, failed })
  else print(spellProgress(progress, process.stdout))
  if (retrying + failed === 0) return
  process.exitCode = exitCodes.failed
  const status = failed > 0 ? 'failed' : 'pending'
  if (!json) tell(`Which and why: centang webhooks deliveries ${endpoint.id} --status ${status}`)
}

function spellProgress(progress: ProgressView, stream: NodeJS.WriteStream): string {
  const { waiting, delivered, retrying, failed, caught_up: isCaughtUp } = progress
  const parts = [paint(delivered > 0 ? 'green' : 'dim', `${delivered} arrived`, stream)]
  if (retrying > 0) parts.push(paint('yellow', `${retrying} not taken, sent again later`, stream))
  if (failed > 0) parts.push(paint('red', `${failed} failed`, stream))
  if (waiting > 0 || !isCaughtUp) parts.push(`${waiting}${isCaughtUp ? '' : '+'} to go`)
  return parts.join(', ')
}

async function followOne(
  api: Api,
  endpoint: EndpointView,
  { event, ...replayed }: Replayed & { readonly event: string },
  { json }: ReplayOptions,
): Promise<void> {
  const path = `${pathOf(endpoint.id)}/deliveries/${encodeURIComponent(event)}`
  const look = () => untilGone(() => api.call<WebhookView>('GET', path))
  const isOver = ({ sent_at: sentAt, status }: WebhookView): boolean =>
    status === 'failed' || (sentAt !== null && sentAt >= replayed.requested_at)
  let webhook = await look()
  while (!isOver(webhook)) {
    await pause(lookEveryMs)
    webhook = await look()
  }
  const hasArrived = webhook.status === 'delivered'
  if (json) printJson({ ...replayed, delivery: webhook })
  else print(`${hasArrived ? paint('green', '✓ Arrived') : paint('red', '✗ Not taken')}: ${lastAnswer(webhook)}`)
  if (hasArrived) return
  process.exitCode = exitCodes.failed
  if (!json && webhook.next_send_at !== null) tell(`It is sent again at ${timeOf(webhook.next_send_at)}.`)
}

/** The replay is the server's by now: who loses the server has lost the view of it only. */
async function untilGone<View>(look: () => Promise<View>): Promise<View> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof CommandFailed) || error.exitCode !== exitCodes.unreachable) throw error
    throw new CommandFailed(
      error.exitCode,
      `${error.message}\nWhat is left of the replay is sent when the server runs again.`,
      error.problem,
    )
  }
}
