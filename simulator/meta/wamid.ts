/**
 * A message id as WhatsApp makes them: base64 of a small binary record with the digits of the account and a hex id.
 * The format was read off samples; a client treats it as opaque.
 */
export function makeWamid(digits: string, direction: 'out' | 'in', hexId: string): string {
  const record = Buffer.concat([
    Buffer.from([0x1c, 0x18, digits.length]),
    Buffer.from(digits, 'ascii'),
    Buffer.from([0x15, 0x02, 0x00, direction === 'out' ? 0x11 : 0x12, 0x18, hexId.length]),
    Buffer.from(hexId, 'ascii'),
    Buffer.from([0x00]),
  ])
  return `wamid.${record.toString('base64')}`
}
