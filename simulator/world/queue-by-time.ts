/** A binary heap: what comes first is found, and more is put in, in a few steps, however many wait. */
export interface QueueByTime<Item> {
  push(item: Item): void
  /** Takes the first one out. */
  shift(): Item | undefined
}

export function createQueueByTime<Item>(comesBefore: (one: Item, other: Item) => boolean): QueueByTime<Item> {
  const heap: Item[] = []
  const at = (index: number): Item => heap[index] as Item
  const isBefore = (one: number, other: number): boolean => comesBefore(at(one), at(other))
  const swap = (one: number, other: number): void => {
    const kept = at(one)
    heap[one] = at(other)
    heap[other] = kept
  }
  const sink = (): void => {
    for (let index = 0; ;) {
      const left = index * 2 + 1
      if (left >= heap.length) return
      const least = left + 1 < heap.length && isBefore(left + 1, left) ? left + 1 : left
      if (!isBefore(least, index)) return
      swap(index, least)
      index = least
    }
  }
  return {
    push(item) {
      heap.push(item)
      for (let index = heap.length - 1; index > 0;) {
        const parent = (index - 1) >> 1
        if (!isBefore(index, parent)) return
        swap(index, parent)
        index = parent
      }
    },
    shift() {
      const first = heap[0]
      const last = heap.pop()
      if (heap.length > 0) {
        heap[0] = last as Item
        sink()
      }
      return first
    },
  }
}
