export interface Button { id: string; kind: string; label: string }
export interface Message {
  id: string; channel: 'whatsapp' | 'sms'; direction: 'in' | 'out'; from: string; brand: string; verified: boolean
  text: string; text_markup: string; footer: string | null; code: string | null; buttons: Button[]; status: string; received_at: string
}
export interface Handset {
  e164: string; whatsapp: boolean; sms: boolean; online: boolean; read_receipts: boolean; blocked: boolean; delay_ms: number
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
export const changeHandset = (e164: string, changes: Partial<Handset>): Promise<Handset> => call('PUT', phone(e164), changes)
export const listMessages = (e164: string): Promise<{ messages: Message[] }> => call('GET', `${phone(e164)}/messages`)
export const markRead = (e164: string, id: string): Promise<unknown> => call('POST', `${phone(e164)}/messages/${id}/read`, {})
export const press = (e164: string, id: string, button: string): Promise<{ code?: string }> => call('POST', `${phone(e164)}/messages/${id}/press`, { button })
export const reply = (e164: string, text: string): Promise<unknown> => call('POST', `${phone(e164)}/reply`, { channel: 'whatsapp', text })

/** Live events of one phone. The browser comes back by itself after a break; what was missed is read after each opening. */
export function follow(e164: string, onOpen: () => void, onEvent: (kind: string, data: Message & Handset & { status: string }) => void): () => void {
  const source = new EventSource(`${root}${phone(e164)}/stream`)
  source.addEventListener('open', onOpen)
  for (const kind of ['message', 'status', 'handset']) {
    source.addEventListener(kind, (event) => onEvent(kind, JSON.parse((event as MessageEvent<string>).data)))
  }
  return () => source.close()
}
