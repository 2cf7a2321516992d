import { setTimeout as sleep } from 'node:timers/promises'
import { Refused } from './centang.ts'

/** What a person wrote or tapped. */
export interface Heard {
  readonly id: string
  /** E.164. */
  readonly contact: string
  readonly text: string | null
  /** The id of what was tapped. */
  readonly choice: string | null
}

export interface Said {
  readonly to: string
  readonly text?: string
  readonly list?: {
    readonly label: string
    readonly choices: readonly { readonly id: string; readonly title: string }[]
  }
  readonly template?: {
    readonly name: string
    readonly language: string
    readonly parameters: readonly string[]
    readonly payloads: readonly string[]
  }
  readonly reply_to?: string
}

/** All that a chat needs of Centang: saying something, and hearing what is answered. */
export interface Chat {
  /** @param key repeats the answer instead of the message when the same is said again */
  say(message: Said, key: string): Promise<{ readonly status: string; readonly contact: string }>
  /** Hears everything once it is handled: what `handle` throws at comes again. Ends with the signal. */
  follow(handle: (heard: Heard) => Promise<void>, signal: AbortSignal): Promise<void>
}

export function connectChat({ url, key }: { readonly url: string; readonly key: string }): Chat {
  const authorization = `Bearer ${key}`
  const ask = async <Body>(path: string, init: RequestInit = {}): Promise<Body> => {
    const headers = new Headers(init.headers)
    headers.set('authorization', authorization)
    headers.set('content-type', 'application/json')
    const answer = await fetch(`${url}/v1${path}`, { ...init, headers, signal: AbortSignal.timeout(15_000) })
    const read = (await answer.json()) as Body & { code: string; title: string }
    if (!answer.ok) throw new Refused(answer.status, read.code, read.title)
    return read
  }
  return {
    say: (message, idempotencyKey) =>
      ask('/messages', {
        method: 'POST',
        body: JSON.stringify(message),
        headers: { 'idempotency-key': idempotencyKey },
      }),
    async follow(handle, signal) {
      let after = ''
      while (!signal.aborted) {
        try {
          const headers = { authorization, ...(after && { 'last-event-id': after }) }
          const { body } = await fetch(`${url}/v1/events/stream`, { headers, signal })
          for await (const { id, data } of readEvents(body as ReadableStream<Uint8Array>)) {
            const event = JSON.parse(data || '{}') as { type?: string; message_id?: string }
            if (event.type === 'message.received') await handle(await ask<Heard>(`/messages/${event.message_id}`))
            after = id
          }
        } catch {
          // It goes on after what was handled last.
          await sleep(500, undefined, { signal }).catch(() => undefined)
        }
      }
    },
  }
}

/** Server-sent events, as far as Centang writes them. */
async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<{ id: string; data: string }> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
    rest = blocks.pop() as string
    for (const block of blocks) {
      const id = /^id: (.+)$/m.exec(block)?.[1]
      if (id !== undefined) yield { id, data: /^data: (.+)$/m.exec(block)?.[1] ?? '' }
    }
  }
}
