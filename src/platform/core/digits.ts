const digit = /\p{Nd}/u
/** Marks that nobody sees: directions, zero widths, soft hyphens, variation selectors. They come along when people paste. */
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu

export const withoutInvisible = (text: string): string => text.replaceAll(invisible, '')

/** Digits of any script become 0 to 9; everything else stays. */
export const asciiDigits = (text: string): string =>
  text.replaceAll(/(?![0-9])\p{Nd}/gu, (one) => String(valueOf(one.codePointAt(0) as number)))

/** Unicode keeps decimal digits in runs of ten, so the value is the distance from the start of the run. */
function valueOf(point: number): number {
  // The mathematical digits are five runs back to back from U+1D7CE.
  if (point >= 0x1d7ce && point <= 0x1d7ff) return (point - 0x1d7ce) % 10
  let start = point
  while (point - start < 9 && digit.test(String.fromCodePoint(start - 1))) start--
  return point - start
}
