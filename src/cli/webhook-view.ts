import { dateOf, paint, table } from './terminal.ts'

/** An endpoint as the API spells it; only what is shown here. */
export interface EndpointView {
  readonly id: string
  readonly mode: 'test' | 'live'
  readonly url: string
  readonly format: string
  readonly events: readonly string[]
  readonly disabled: boolean
  readonly disabled_reason: string | null
}

/** One event on its way to one endpoint. */
export interface WebhookView {
  readonly id: string
  readonly type: string | null
  readonly status: 'pending' | 'delivered' | 'failed'
  readonly response_status: number | null
  readonly problem: string | null
  readonly created_at: string
  readonly sent_at: string | null
  readonly next_send_at: string | null
}

const whyDisabled: Readonly<Record<string, string>> = {
  by_request: 'disabled',
  gone: 'disabled: it answered 410',
  failing: 'disabled: one went through every sending, and no other arrived',
}

export const describeEndpoints = (endpoints: readonly EndpointView[]): string[] =>
  table(
    endpoints.map(({ id, mode, format, url, events, disabled, disabled_reason: reason }) => [
      id,
      mode,
      disabled ? (whyDisabled[reason ?? ''] ?? 'disabled') : 'on',
      url,
      events.join(',') + (format === 'standard' ? '' : `  (as ${format})`),
    ]),
    (cell, column) => (column === 2 ? paint(cell === 'on' ? 'green' : 'red', cell) : cell),
  )

const statusFormats = { pending: 'yellow', delivered: 'green', failed: 'red' } as const

export const describeWebhooks = (webhooks: readonly WebhookView[]): string[] =>
  table(
    webhooks.map((webhook) => [
      webhook.id,
      dateOf(webhook.created_at),
      webhook.status,
      webhook.type ?? '(no longer kept)',
      lastAnswer(webhook) + (webhook.next_send_at === null ? '' : `  next ${dateOf(webhook.next_send_at)}`),
    ]),
    (cell, column) => (column === 2 ? paint(statusFormats[cell as WebhookView['status']], cell) : cell),
  )

/** "HTTP 500", or why there was no answer. */
export const lastAnswer = ({ response_status: status, problem, sent_at }: WebhookView): string => {
  if (status !== null) return `HTTP ${status}`
  if (problem !== null) return problem
  return sent_at === null ? 'not sent yet' : ''
}
