import type { Asking } from './pumping.ts'

/** Numbers between 0 and 1, the same ones for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

type Random = () => number

const between = (random: Random, from: number, to: number): number => from + Math.floor(random() * (to - from))
const digits = (random: Random, count: number): string => String(between(random, 0, 10 ** count)).padStart(count, '0')
const oneOf = <One>(random: Random, all: readonly One[]): One => all[Math.floor(random() * all.length)] as One

/** Mobile numbers as a country has them: operators with ranges of their own. */
export const mobileOf: Readonly<Record<'ID' | 'UY', (random: Random) => string>> = {
  ID: (random) =>
    `+62${oneOf(random, ['811', '812', '813', '815', '816', '817', '821', '822', '852', '853', '857', '877', '878', '895', '896'])}${between(random, 1, 10)}${digits(random, 7)}`,
  UY: (random) => `+5989${oneOf(random, ['1', '2', '3', '4', '5', '6', '8', '9'])}${digits(random, 6)}`,
}

/** Seconds to read a message and type the code: half within 20, a few need minutes. */
const typingSeconds = (random: Random): number =>
  5 + Math.exp(Math.log(18) + 0.8 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()))

interface Launch {
  readonly country: keyof typeof mobileOf
  readonly people: number
  readonly withinSeconds: number
  readonly verified: number
}

/**
 * Honest people of one country, more of them at the beginning. Four in ten share three networks of their carriers, a fifth
 * comes by a gateway whose codes are checked elsewhere; one in five asks a second time, and one in twenty a third.
 */
export function launch(seed: number, { country, people, withinSeconds, verified }: Launch): Asking[] {
  const random = randomOf(seed)
  const numbers = new Set<string>()
  while (numbers.size < people) numbers.add(mobileOf[country](random))
  return [...numbers].flatMap((number) => {
    const atSeconds = withinSeconds * random() ** 1.5
    const isCheckedElsewhere = random() < 0.2
    const ip =
      random() < 0.4
        ? `100.64.${between(random, 0, 3)}.${between(random, 1, 255)}`
        : `${between(random, 1, 224)}.${between(random, 0, 256)}.${between(random, 0, 256)}.7`
    const client = isCheckedElsewhere ? undefined : { ip, deviceId: `device of ${number}` }
    const times = random() < 0.2 ? (random() < 0.25 ? 3 : 2) : 1
    const provesAfter = random() < verified ? typingSeconds(random) : undefined
    return Array.from({ length: times }, (_, n): Asking => ({
      number,
      atSeconds: atSeconds + n * 45,
      client,
      isCheckedElsewhere,
      fails: random() < 0.05,
      // Whoever asks again enters the last code.
      ...(n === times - 1 && provesAfter !== undefined && { provesAfter }),
    }))
  })
}

export const consecutive = (first: number, count: number, withinSeconds: number): Asking[] =>
  Array.from({ length: count }, (_, n) => ({ number: `+${first + n}`, atSeconds: (n * withinSeconds) / count }))

/** Numbers that nobody chose, each once, from addresses all over the world. */
export function atRandom(seed: number, country: keyof typeof mobileOf, count: number, withinSeconds: number): Asking[] {
  const random = randomOf(seed)
  return Array.from({ length: count }, (_, n) => ({
    number: mobileOf[country](random),
    atSeconds: (n * withinSeconds) / count,
    client: { ip: `${between(random, 1, 224)}.${between(random, 0, 256)}.${between(random, 0, 256)}.9` },
  }))
}

/** Some of them enter the code, to look honest. */
export const confirming = (askings: readonly Asking[], every: number): Asking[] =>
  askings.map((asking, n) => (n % every === 0 ? { ...asking, provesAfter: 5 } : asking))

export const inOrder = (...crowds: readonly (readonly Asking[])[]): Asking[] =>
  crowds.flat().toSorted((a, b) => a.atSeconds - b.atSeconds)
