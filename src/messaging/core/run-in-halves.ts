/**
 * Runs a set at once; when it fails by something that does not pass by itself, its halves are run, down to the one item
 * that is at fault or that a fault of ours is about. The errors, an item each; undefined where it went well.
 */
export async function runInHalves<Item>(
  items: Item[],
  run: (items: Item[]) => Promise<void>,
  isPassing: (error: unknown) => boolean,
): Promise<unknown[]> {
  if (items.length === 0) return []
  try {
    await run(items)
    return items.map(() => undefined)
  } catch (error) {
    if (items.length === 1 || isPassing(error)) return items.map(() => error)
    const middle = Math.ceil(items.length / 2)
    const first = await runInHalves(items.slice(0, middle), run, isPassing)
    return [...first, ...(await runInHalves(items.slice(middle), run, isPassing))]
  }
}
