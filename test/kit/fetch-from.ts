/** Asks the storeroom, from a test file. */
export async function fetchFrom<Thing>(words: string): Promise<Thing> {
  const storeroom = process.env['CENTANG_TEST_STOREROOM']
  if (storeroom === undefined)
    throw new Error('Run tests with `npm test`, or add --test-global-setup=./test/kit/postgres-setup.ts')
  const answer = await fetch(`${storeroom}/${words}`)
  const text = await answer.text()
  if (!answer.ok) throw new Error(text)
  return JSON.parse(text) as Thing
}
