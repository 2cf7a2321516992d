import { personOf } from '#platform/core/person.ts'
import type { PersonChange, PersonTold } from './contact.ts'

/** One way to know a contact by. There is at most one contact of a business to each. */
export interface Address {
  readonly kind: 'phone' | 'whatsapp'
  /** The key: of a number `personOf`, so that every spelling of it is one. */
  readonly address: string
  /** As it is reached. */
  readonly spelled: string
  readonly contactId: string
  /** Whose news told it; ids of people are only good for senders of one portfolio. */
  readonly senderId?: string
}

export interface BookChanges {
  readonly created: readonly string[]
  /** The gone one was the kept one all the time. */
  readonly joined: readonly { readonly gone: string; readonly kept: string }[]
  readonly removed: readonly Address[]
  readonly set: readonly Address[]
}

export interface AddressBook {
  /** Finds the contact of somebody, or makes one under the id that is given. */
  file(told: PersonTold, senderId: string | undefined, newId: string): string
  /** A contact that was made after it was told is somebody else: the old number has a new owner by then. */
  rename(change: PersonChange, senderId: string, isNewer: (contactId: string) => boolean): void
  changes(): BookChanges
}

export const addressKey = ({ kind, address }: Pick<Address, 'kind' | 'address'>): string => `${kind} ${address}`

export const addressesOf = ({ phone, userId }: PersonTold): Pick<Address, 'kind' | 'address' | 'spelled'>[] => [
  ...(phone === undefined ? [] : [{ kind: 'phone' as const, address: personOf(phone), spelled: phone }]),
  ...(userId === undefined ? [] : [{ kind: 'whatsapp' as const, address: userId, spelled: userId }]),
]

/**
 * Who is who, by number and by id. Told with both they are joined, unless the number was known with another id of the
 * same portfolio: then it has changed hands, and what its earlier owner said stays with them.
 */
export function openAddressBook(known: readonly Address[]): AddressBook {
  const pages = openPages(known)
  const { find, ofContact, drop, join, create, isOther, attach } = pages

  return {
    file(told, senderId, newId) {
      const [byPhone, byId] = [find(told, 'phone'), find(told, 'whatsapp')]
      const hasOther = byPhone !== undefined && isOther(byPhone.contactId, told, senderId)
      let contactId = byId?.contactId
      if (contactId === undefined) contactId = byPhone && !hasOther ? byPhone.contactId : create(newId)
      else if (byPhone && byPhone.contactId !== contactId && !hasOther) contactId = join(byPhone.contactId, contactId)
      attach(contactId, told, senderId)
      return contactId
    },
    rename({ kind, before, after }, senderId, isNewer) {
      const byId = find(before, 'whatsapp')
      const found = byId ?? find(before, 'phone')
      if (!found || (!byId && isNewer(found.contactId))) return
      let { contactId } = found
      const [newPhone, newId] = [find(after, 'phone'), find(after, 'whatsapp')]
      if (newId && newId.contactId !== contactId) contactId = join(newId.contactId, contactId)
      const isSame = newPhone && isNewer(newPhone.contactId) && !isOther(newPhone.contactId, after, senderId)
      if (isSame && newPhone.contactId !== contactId) contactId = join(newPhone.contactId, contactId)
      const hasNewId = after.userId !== undefined && after.userId !== before.userId
      for (const one of ofContact(contactId)) {
        const isOldId = hasNewId && one.kind === 'whatsapp' && one.address !== after.userId && one.senderId === senderId
        if (isOldId || (kind === 'number' && one.kind === 'phone')) drop(one)
      }
      attach(contactId, after, senderId)
    },
    changes: pages.changes,
  }
}

/** The addresses, and what is written and crossed out. */
function openPages(known: readonly Address[]) {
  const book = new Map(known.map((one) => [addressKey(one), one]))
  const changed = new Set<string>()
  const removed = new Map<string, Address>()
  const created = new Set<string>()
  const joined: { gone: string; kept: string }[] = []

  const ofContact = (contactId: string): Address[] => [...book.values()].filter((one) => one.contactId === contactId)
  const put = (address: Address): void => {
    const before = book.get(addressKey(address))
    if (before?.contactId === address.contactId && before.spelled === address.spelled) return
    book.set(addressKey(address), address)
    changed.add(addressKey(address))
    removed.delete(addressKey(address))
  }
  const drop = (address: Address): void => {
    book.delete(addressKey(address))
    changed.delete(addressKey(address))
    removed.set(addressKey(address), address)
  }
  return {
    ofContact,
    drop,
    find: (told: PersonTold, kind: Address['kind']): Address | undefined => {
      const wanted = addressesOf(told).find((one) => one.kind === kind)
      return wanted && book.get(addressKey(wanted))
    },
    create: (id: string): string => {
      created.add(id)
      return id
    },
    /** The older one stays: its id is known longer. */
    join: (one: string, other: string): string => {
      const [kept, gone] = one < other ? [one, other] : [other, one]
      for (const address of ofContact(gone)) put({ ...address, contactId: kept })
      if (!created.delete(gone)) joined.push({ gone, kept })
      return kept
    },
    /** Another id of the same portfolio is another person. */
    isOther: (contactId: string, { userId }: PersonTold, senderId: string | undefined): boolean =>
      userId !== undefined &&
      ofContact(contactId).some(
        (one) => one.kind === 'whatsapp' && one.senderId === senderId && one.address !== userId,
      ),
    /** A contact has one number. */
    attach: (contactId: string, told: PersonTold, senderId: string | undefined): void => {
      for (const address of addressesOf(told)) {
        for (const one of ofContact(contactId))
          if (address.kind === 'phone' && one.kind === 'phone' && one.address !== address.address) drop(one)
        const before = book.get(addressKey(address))
        const spelled = before?.contactId === contactId ? before.spelled : address.spelled
        put({ ...address, spelled, contactId, ...(senderId !== undefined && { senderId }) })
      }
    },
    changes: (): BookChanges => ({
      created: [...created],
      joined,
      removed: [...removed.values()],
      set: [...changed].map((key) => book.get(key) as Address),
    }),
  }
}
