const digit = /\p{Nd}/u

/** Digits of any script become 0 to 9; everything else stays. */
export const asciiDigits = (text: string): string =>
  text.replace(/(?![0-9])\p{Nd}/gu, (one) => String(valueOf(one.codePointAt(0) as number)))

export const onlyDigits = (text: string): string => asciiDigits(text).replace(/\D/g, '')

/**
 * The code in a text that was pasted: `123 456`, `123-456` or the whole message. Digits that belong to a longer number
 * are not taken for it.
 */
export function findCode(text: string, length: number): string | undefined {
  const gap = String.raw`[\s\p{Pd}\p{Cf}]?`
  const run = new RegExp(String.raw`(?<!\d${gap})\d(?:${gap}\d){${length - 1}}(?!${gap}\d)`, 'u')
  const found = run.exec(asciiDigits(text))?.[0]
  return found === undefined ? undefined : onlyDigits(found)
}

/** Unicode keeps decimal digits in runs of ten, so the value is the distance from the start of the run. */
function valueOf(point: number): number {
  // The mathematical digits are five runs back to back from U+1D7CE.
  if (point >= 0x1d7ce && point <= 0x1d7ff) return (point - 0x1d7ce) % 10
  let start = point
  while (point - start < 9 && digit.test(String.fromCodePoint(start - 1))) start--
  return point - start
}
