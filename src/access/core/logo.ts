/** What the pages of customers weigh in all is some kilobytes: so does their picture. */
export const logoBytesMax = 12_288

const kinds = {
  png: [0x89, 0x50, 0x4e, 0x47],
  jpeg: [0xff, 0xd8, 0xff],
  webp: [0x52, 0x49, 0x46, 0x46],
} as const satisfies Readonly<Record<string, readonly number[]>>

const dataUrl = /^data:image\/(png|jpeg|webp);base64,([A-Za-z0-9+/]+={0,2})$/

/** What is wrong with a logo; undefined: nothing. A picture of another kind than it says is no picture. */
export function problemOfLogo(text: string): string | undefined {
  const [, kind, base64 = ''] = dataUrl.exec(text) ?? []
  if (kind === undefined) return 'must be a data: URL of a PNG, JPEG or WebP picture (data:image/png;base64,…)'
  const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))
  if (bytes.length > logoBytesMax) return `must be a picture of at most ${logoBytesMax} bytes`
  const begins = kinds[kind as keyof typeof kinds].every((byte, index) => bytes[index] === byte)
  return begins ? undefined : `must hold what it says: this is no ${kind.toUpperCase()} picture`
}
