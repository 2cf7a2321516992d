import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Address, openAddressBook } from './address-book.ts'
import type { PersonChange, PersonTold } from './contact.ts'

const [older, newer, fresh] = ['c1', 'c2', 'c9'] as const
const phone = (number: string, contactId: string): Address => ({
  kind: 'phone',
  address: number,
  spelled: number,
  contactId,
})
const id = (userId: string, contactId: string, senderId = 's'): Address => ({
  kind: 'whatsapp',
  address: userId,
  spelled: userId,
  contactId,
  senderId,
})
const [one, two] = ['+6281234567890', '+6281234567899']

/** Who is known by what, in the end. */
function after(known: readonly Address[], act: (book: ReturnType<typeof openAddressBook>) => void) {
  const book = openAddressBook(known)
  act(book)
  const { created, joined, removed, set } = book.changes()
  const gone = new Set(removed.map((address) => address.address))
  const by = new Map(
    known.filter(({ address }) => !gone.has(address)).map((address) => [address.address, address.contactId]),
  )
  for (const address of set) by.set(address.address, address.contactId)
  return { by: Object.fromEntries(by), created, joined }
}
const filed = (known: readonly Address[], told: PersonTold) => after(known, (book) => book.file(told, 's', fresh))

describe('the address book', () => {
  it('makes a contact of whom nobody knows, and finds whom somebody does', () => {
    const told = { phone: one, userId: 'ID.1' }
    assert.deepEqual(filed([], told), { by: { [one]: fresh, 'ID.1': fresh }, created: [fresh], joined: [] })
    assert.deepEqual(filed([phone(one, older)], { phone: one }), { by: { [one]: older }, created: [], joined: [] })
    assert.deepEqual(filed([id('ID.1', older)], { userId: 'ID.1' }).created, [])
  })

  it('finds a person by every spelling of a number', () => {
    const known = [{ ...phone('+525512345678', older), spelled: '+525512345678' }]
    assert.deepEqual(filed(known, { phone: '+5215512345678' }).by, { '+525512345678': older })
  })

  it('joins number and id when both are told', () => {
    assert.deepEqual(filed([phone(one, older)], { phone: one, userId: 'ID.1' }).by, { [one]: older, 'ID.1': older })
    const both = filed([phone(one, newer), id('ID.1', older)], { phone: one, userId: 'ID.1' })
    assert.deepEqual(both, { by: { [one]: older, 'ID.1': older }, created: [], joined: [{ gone: newer, kept: older }] })
  })

  it('leaves what the earlier owner of a number said with them', () => {
    const known = [phone(one, older), id('ID.1', older)]
    assert.deepEqual(filed(known, { phone: one, userId: 'ID.2' }).by, { [one]: fresh, 'ID.1': older, 'ID.2': fresh })
    // An id that a sender of another portfolio told is no other person.
    const elsewhere = [phone(one, older), id('ID.1', older, 'other')]
    assert.equal(filed(elsewhere, { phone: one, userId: 'ID.2' }).by['ID.2'], older)
  })

  it('renames by number and by id, and lets the old number go', () => {
    const change = (more: Partial<PersonChange>): PersonChange => ({
      providerMessageId: 'm',
      kind: 'number',
      before: { phone: one },
      after: { phone: two },
      at: new Date(0),
      ...more,
    })
    const renamed = (known: Address[], more: Partial<PersonChange> = {}, isNewer = (_id: string) => false) =>
      after(known, (book) => book.rename(change(more), 's', isNewer)).by
    assert.deepEqual(renamed([phone(one, older)]), { [two]: older })
    assert.deepEqual(
      renamed([phone(one, older), id('ID.1', older)], {
        kind: 'id',
        before: { userId: 'ID.1' },
        after: { userId: 'ID.2' },
      }),
      {
        [one]: older,
        'ID.2': older,
      },
    )
    // Meta may not share the new number.
    assert.deepEqual(
      renamed([phone(one, older), id('ID.1', older)], {
        before: { phone: one, userId: 'ID.1' },
        after: { userId: 'ID.2' },
      }),
      {
        'ID.2': older,
      },
    )
    assert.deepEqual(
      renamed([phone(one, older), phone(two, newer)]),
      { [two]: older },
      'its earlier owner keeps their chat',
    )
    assert.deepEqual(
      renamed([phone(one, older), phone(two, newer)], {}, (who) => who === newer),
      { [two]: older },
    )
    assert.deepEqual(
      renamed([phone(one, newer)], {}, () => true),
      { [one]: newer },
      'the number has a new owner by now',
    )
    assert.deepEqual(renamed([]), {})
  })

  it('knows everybody it was told of, whatever came before', () => {
    const people = fc.record({
      phone: fc.option(fc.constantFrom(one, two), { nil: undefined }),
      userId: fc.option(fc.constantFrom('ID.1', 'ID.2', 'ID.3'), { nil: undefined }),
    })
    const told = fc.array(fc.tuple(people, fc.constantFrom('s', 't')), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(told, (steps) => {
        const book = openAddressBook([])
        const filedUnder = steps.flatMap(([{ phone: number, userId }, senderId], n) => {
          const person = { ...(number !== undefined && { phone: number }), ...(userId !== undefined && { userId }) }
          if (number === undefined && userId === undefined) return []
          return [book.file(person, senderId, `c${String(n).padStart(2, '0')}`)]
        })
        const { set, created, joined } = book.changes()
        for (const { contactId } of set) assert.ok(created.includes(contactId), 'an address leads to a contact')
        assert.deepEqual(joined, [], 'what was never written need not be joined')
        const last = filedUnder.at(-1)
        if (last !== undefined) assert.ok(set.some(({ contactId }) => contactId === last))
        const phonesOf = set.filter(({ kind }) => kind === 'phone').map(({ contactId }) => contactId)
        assert.equal(new Set(phonesOf).size, phonesOf.length, 'a contact has one number')
      }),
    )
  })
})
