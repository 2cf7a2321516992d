/** How much of what is being received is held in memory, together and for one sender. */
export interface BodyRoom {
  /** What gives it back; undefined: there is none to spare. */
  take(owner: string, bytes: number): (() => void) | undefined
}

interface BodyRoomOptions {
  readonly bytesMax: number
  /** One sender's callbacks leave room for the others'. */
  readonly ofOneBytesMax: number
}

/** Large bodies under way: who sends many halves of them fills no memory, and takes no other sender's room. */
export function createBodyRoom({ bytesMax, ofOneBytesMax }: BodyRoomOptions): BodyRoom {
  const taken = new Map<string, number>()
  let all = 0
  return {
    take(owner, bytes) {
      const own = taken.get(owner) ?? 0
      if (all + bytes > bytesMax || own + bytes > ofOneBytesMax) return undefined
      all += bytes
      taken.set(owner, own + bytes)
      let isTaken = true
      return () => {
        if (!isTaken) return
        isTaken = false
        all -= bytes
        const left = (taken.get(owner) as number) - bytes
        if (left === 0) taken.delete(owner)
        else taken.set(owner, left)
      }
    },
  }
}
