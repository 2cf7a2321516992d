/** The one number behind every way to write it: what people write, or what WhatsApp makes of it. */
export function phoneOf(digits: string): string {
  const mexican = /^521(\d{10})$/.exec(digits)
  if (mexican) return `52${mexican[1]}`
  const argentine = /^54([1-8]\d{9})$/.exec(digits)
  if (argentine) return `549${argentine[1]}`
  const brazilian = /^55([1-9]\d)([6-9]\d{7})$/.exec(digits)
  return brazilian ? `55${brazilian[1]}9${brazilian[2]}` : digits
}
