import { connect } from 'node:net'

/** Lines to a server that are held: a process of its own, so that what they cost is not the measuring one's. */
export interface Hold {
  readonly port: number
  readonly count: number
  /** What is written on each. */
  readonly head: string
  /** And so many bytes after it. */
  readonly bytes: number
}

process.on('message', ({ port, count, head, bytes }: Hold) => {
  const body = Buffer.alloc(bytes, 'x')
  for (let many = 0; many < count; many++) {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', () => undefined).on('data', () => undefined)
    socket.write(head)
    if (bytes > 0) socket.write(body)
  }
})
