export type Channel = 'whatsapp' | 'sms'

/** An Android app that did WhatsApp's one-tap handshake on this phone. */
export interface InstalledApp {
  package_name: string
  signature_hash: string
}

export interface Button {
  id: string
  kind: string
  label: string
  description?: string
}
export interface Message {
  id: string
  channel: Channel
  /** As the business sees it: `out` has come to this phone. */
  direction: 'in' | 'out'
  from: string
  /** Of what the person wrote: the number of the business. */
  to: string | null
  brand: string
  verified: boolean
  text: string
  text_markup: string
  footer: string | null
  code: string | null
  /** From then on the buttons that hand the code over do nothing, as on WhatsApp. */
  code_expires_at: string | null
  buttons: Button[]
  /** What opens the choices among the buttons. */
  list_label: string | null
  status: string
  received_at: string
}
export interface Handset {
  e164: string
  whatsapp: boolean
  sms: boolean
  online: boolean
  read_receipts: boolean
  blocked: boolean
  delay_ms: number
  apps: InstalledApp[]
  message_count: number
}

// The page stands at …/phone; everything else of the simulator beside it.
const root = new URL('.', location.href).pathname

async function call<Result>(method: string, path: string, body?: unknown): Promise<Result> {
  const answer = await fetch(root + path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  const read = (await answer.json()) as Result & { error?: { message?: string } }
  if (!answer.ok) throw new Error(read.error?.message ?? `HTTP ${answer.status}`)
  return read
}

const phone = (e164: string): string => `handsets/${encodeURIComponent(e164)}`

export const listHandsets = (): Promise<{ handsets: Handset[] }> => call('GET', 'handsets')
export const readHandset = (e164: string): Promise<Handset> => call('GET', phone(e164))
export const changeHandset = (e164: string, changes: Partial<Handset>): Promise<Handset> =>
  call('PUT', phone(e164), changes)
export const listMessages = (e164: string): Promise<{ messages: Message[] }> => call('GET', `${phone(e164)}/messages`)
export const markRead = (e164: string, id: string): Promise<unknown> =>
  call('POST', `${phone(e164)}/messages/${id}/read`, {})
export const press = (e164: string, id: string, button: string): Promise<unknown> =>
  call('POST', `${phone(e164)}/messages/${id}/press`, { button })
export const reply = (e164: string, to: string, text: string): Promise<unknown> =>
  call('POST', `${phone(e164)}/reply`, { channel: 'whatsapp', to, text })

export interface Listener {
  /** Also after each break: what was missed is to be read again. */
  onOpen: () => void
  onLost: () => void
  onEvent: (kind: 'message' | 'status' | 'handset', data: Message & Handset & { to: string }) => void
}

const retryAfterMs = 2000

/** Live events of one phone, or of all of them. Returns what ends it. */
export function follow(e164: string | undefined, { onOpen, onLost, onEvent }: Listener): () => void {
  let source: EventSource
  let waiting: number | undefined
  const connect = (): void => {
    source = new EventSource(`${root}${e164 === undefined ? '' : `${phone(e164)}/`}stream`)
    source.addEventListener('open', onOpen)
    source.addEventListener('error', () => {
      onLost()
      // A broken line the browser mends by itself, but after a refusal it gives up for good.
      if (source.readyState === EventSource.CLOSED) waiting = setTimeout(connect, retryAfterMs)
    })
    for (const kind of ['message', 'status', 'handset'] as const) {
      source.addEventListener(kind, (event: MessageEvent<string>) => onEvent(kind, JSON.parse(event.data)))
    }
  }
  connect()
  return () => {
    clearTimeout(waiting)
    source.close()
  }
}
