import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { neighbourhoodOf } from '#platform/core/address-range.ts'

export interface ConnectionLimits {
  readonly max: number
  /** Of one address; undefined where all come through proxies, which are addresses of nobody. */
  readonly ofOneMax: number | undefined
}

/**
 * Connections of a server by who made them. One address has so many at once: one more takes the place of one on which
 * nothing is asked, or is closed. When the server has as many as it takes, the address that has the most gives way in
 * the same manner, so that nobody shuts the others out by holding lines.
 */
export function limitConnections(server: Server, { max, ofOneMax }: ConnectionLimits): ReadonlySet<Socket> {
  const all = new Set<Socket>()
  const byOwner = new Map<string, Set<Socket>>()
  const busy = new WeakSet<Socket>()

  server.on('request', ({ socket }, response) => {
    busy.add(socket)
    response.once('close', () => busy.delete(socket))
  })

  const endIdle = (sockets: Iterable<Socket>): boolean => {
    for (const socket of sockets) {
      if (busy.has(socket) || !all.has(socket)) continue
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
