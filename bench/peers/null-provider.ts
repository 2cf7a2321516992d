import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * An SMS provider that takes every message and sends none. A process of its own, because a provider's CPU is not the
 * server's. Told `{record: true}` it also notes when each message came, for the lateness of timers.
 */
export interface ProviderReply {
  readonly count: number
  /** Recipient and Unix time in milliseconds, since recording was asked for. */
  readonly arrivals: readonly (readonly [string, number])[]
}

let count = 0
let isRecording = false
let arrivals: [string, number][] = []

const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (text: string) => (body += text))
  request.on('end', () => {
    const n = count++
    if (isRecording) {
      const { to } = JSON.parse(body) as { to: string }
      arrivals.push([to, performance.timeOrigin + performance.now()])
    }
    const answer = `{"id":"null-${process.pid}-${n}","status":"queued"}`
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length })
    response.end(answer)
  })
})
// The server's pooled connections are idle between rounds.
server.keepAliveTimeout = 0

server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))

process.on('message', ({ record }: { record?: boolean }) => {
  const reply: ProviderReply = { count, arrivals }
  process.send?.(reply)
  if (record !== undefined) {
    isRecording = record
    arrivals = []
  }
})
for (const end of ['SIGTERM', 'disconnect']) process.on(end, () => process.exit(0))
