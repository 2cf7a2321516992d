import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { neighbourhoodOf } from '#platform/core/address-range.ts'

export interface ConnectionLimits {
  readonly max: number
  /** Of one address; undefined where all come through proxies, which are addresses of nobody. */
  readonly ofOneMax: number | undefined
}

/** Requests of one connection that may wait for each other; clients that send some ahead send a few. */
const aheadMax = 16

/**
 * Connections of a server by who made them. One address has so many at once: one more takes the place of one on which
 * nothing is asked, or is closed. When the server has as many as it takes, the address that has the most gives way in
 * the same manner, so that nobody shuts the others out by holding lines. A connection on which very many requests come in
 * one piece is ended: Node begins all that a piece holds before it looks at anything else, two thousand at a time.
 */
export function limitConnections(server: Server, { max, ofOneMax }: ConnectionLimits): ReadonlySet<Socket> {
  const all = new Set<Socket>()
  const byOwner = new Map<string, Set<Socket>>()
  /** Requests under way. */
  const asked = new WeakMap<Socket, number>()

  wrapRequests(server, (begin, request, response) => {
    const { socket } = request
    // The rest of the piece in which the connection was ended.
    if (socket.destroyed) return
    const count = (asked.get(socket) ?? 0) + 1
    if (count > aheadMax) {
      socket.destroy()
      return
    }
    asked.set(socket, count)
    response.once('close', () => asked.set(socket, (asked.get(socket) ?? 1) - 1))
    begin(request, response)
  })

  const endIdle = (sockets: Iterable<Socket>): boolean => {
    for (const socket of sockets) {
      if ((asked.get(socket) ?? 0) > 0 || !all.has(socket)) continue
      leave(socket)
      socket.destroy()
      return true
    }
    return false
  }
  const owners = new WeakMap<Socket, string>()
  const leave = (socket: Socket): void => {
    if (!all.delete(socket)) return
    const owner = owners.get(socket) as string
    const own = byOwner.get(owner)
    own?.delete(socket)
    if (own?.size === 0) byOwner.delete(owner)
  }
  const mayStay = (owner: string): boolean => {
    const own = byOwner.get(owner) ?? new Set()
    if (ofOneMax !== undefined && own.size >= ofOneMax) return endIdle(own)
    if (all.size < max) return true
    const [most = own] = [...byOwner.values()].toSorted((one, other) => other.size - one.size)
    // Who has as many as anybody gives way itself.
    return endIdle(most.size > own.size + 1 ? most : own)
  }

  server.on('connection', (socket) => {
    const owner = neighbourhoodOf(socket.remoteAddress ?? '')
    if (!mayStay(owner)) {
      socket.destroy()
      return
    }
    owners.set(socket, owner)
    all.add(socket)
    const own = byOwner.get(owner)
    if (own) own.add(socket)
    else byOwner.set(owner, new Set([socket]))
    socket.once('close', () => leave(socket))
  })
  return all
}

type Begin = (request: IncomingMessage, response: ServerResponse) => void

/** What is done before a request reaches the framework, whose hooks come too late: it has built a request and a reply by then. */
function wrapRequests(
  server: Server,
  wrapped: (begin: Begin, request: IncomingMessage, response: ServerResponse) => void,
): void {
  const handlers = server.listeners('request') as Begin[]
  const begin: Begin = (request, response) => {
    for (const handler of handlers) handler.call(server, request, response)
  }
  server.removeAllListeners('request')
  server.on('request', (request, response) => wrapped(begin, request, response))
}
