/**
 * The key of the person behind an address: one for every spelling that rings the same phone. Budgets, contacts and
 * look-ups go by it; what is sent to, and who shares a code, goes by the exact address, because the shorter spelling
 * of some countries may also be a desk.
 *
 * - Argentina: mobiles are `+54 9 11 …` from abroad and `+54 11 …` at home and in many address books.
 * - Mexico: the `1` of mobiles (`+52 1 55 …`) was abolished in 2019; WhatsApp ids still have it.
 * - Brazil: mobiles got a ninth digit between 2012 and 2016; WhatsApp ids of older accounts still lack it.
 * - E-mail: no mailbox in use tells large letters from small ones.
 */
export function personOf(recipient: string): string {
  if (recipient.includes('@')) return recipient.normalize('NFC').toLowerCase()
  return withNinthDigit(recipient.replace(/^\+549(?=\d{10}$)/, '+54').replace(/^\+521(?=\d{10}$)/, '+52'))
}

/** Of Brazil: eight digits after the area code that begin with 6 to 9 were always a mobile. */
const withNinthDigit = (phoneNumber: string): string =>
  phoneNumber.replace(/^(?<area>\+55[1-9]\d)(?=[6-9]\d{7}$)/, '$<area>9')
