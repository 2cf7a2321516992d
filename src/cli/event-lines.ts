/**
 * One event of the stream, with the id to resume after. The first member that ends in `_id` is the id of what it is about,
 * as `verification_id`; what else there is depends on that.
 */
export interface StreamedEvent {
  readonly id: string
  readonly type: string
  readonly at: string
  readonly channel?: string | null
  readonly reason?: string | null
  readonly provider_code?: string | null
}

/** Where the stream stands, and mostly an event: the first block tells only where it begins. */
export interface StreamBlock {
  readonly id: string
  readonly event?: StreamedEvent
}

/** The blocks of a stream of server-sent events (WHATWG HTML §9.2.6), as far as our server writes them. */
export async function* readBlocks(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamBlock> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
    rest = blocks.pop() as string
    for (const block of blocks) {
      const read = readBlock(block)
      if (read) yield read
    }
  }
}

/** A heartbeat has no id. */
function readBlock(block: string): StreamBlock | undefined {
  const id = /^id: (.+)$/m.exec(block)?.[1]
  if (id === undefined) return undefined
  const data = /^data: (.+)$/m.exec(block)?.[1]
  return data === undefined ? { id } : { id, event: { id, ...(JSON.parse(data) as Omit<StreamedEvent, 'id'>) } }
}
