const digit = /\p{Nd}/u

/** Digits of any script become 0 to 9; everything else stays. */
export const asciiDigits = (text: string): string =>
  text.replace(/(?![0-9])\p{Nd}/gu, (one) => String(valueOf(one.codePointAt(0) as number)))

export const onlyDigits = (text: string): string => asciiDigits(text).replace(/\D/g, '')

/** Unicode keeps decimal digits in runs of ten, so the value is the distance from the start of the run. */
function valueOf(point: number): number {
  // The mathematical digits are five runs back to back from U+1D7CE.
  if (point >= 0x1d7ce && point <= 0x1d7ff) return (point - 0x1d7ce) % 10
  let start = point
  while (point - start < 9 && digit.test(String.fromCodePoint(start - 1))) start--
  return point - start
}
