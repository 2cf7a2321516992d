/** So many of something in the whole world; `drop` takes the oldest out of where they are kept. */
export interface Limited<Item> {
  add(item: Item): void
  clear(): void
}

export function createLimited<Item>(max: number, drop: (oldest: Item) => void): Limited<Item> {
  const items: Item[] = []
  return {
    add(item) {
      items.push(item)
      if (items.length > max * 1.1) for (const oldest of items.splice(0, items.length - max)) drop(oldest)
    },
    clear() {
      items.length = 0
    },
  }
}
