import { connect } from 'node:net'

export interface RawAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: any
  readonly tookMs: number
}

/** Bytes as no client library would send them, and what came back until the server closed the line. */
export async function sendRaw(url: string, text: string): Promise<RawAnswer> {
  const { hostname, port } = new URL(url)
  const from = performance.now()
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  socket.write(text)
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return { ...readAnswer(answer), tookMs: performance.now() - from }
}

function readAnswer(text: string): Omit<RawAnswer, 'tookMs'> {
  const [head = '', body = ''] = text.split('\r\n\r\n', 2)
  const [line = '', ...headers] = head.split('\r\n')
  return {
    status: Number(line.split(' ')[1]),
    headers: new Map(
      headers.map((one) => [one.slice(0, one.indexOf(':')).toLowerCase(), one.slice(one.indexOf(':') + 1).trim()]),
    ),
    body: /json/.test(head) && body !== '' ? JSON.parse(body) : body,
  }
}
