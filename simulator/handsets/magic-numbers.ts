import type { FaultKind } from '../faults/faults.ts'
import type { HandsetState } from './handset-state.ts'

export interface MagicNumber {
  readonly digits: string
  readonly about: string
  /** State a handset of this number begins with. */
  readonly state?: Partial<HandsetState>
  /** What goes wrong with its messages, until the handset's state is set by hand. */
  readonly faults?: readonly FaultKind[]
  /** Channel of the faults; absent: every one. */
  readonly channel?: 'whatsapp' | 'sms'
}

/** By the last four digits of any number. */
export const magicNumbers: readonly MagicNumber[] = [
  { digits: '0001', about: 'not on WhatsApp: fails with 131026', state: { whatsapp: false } },
  { digits: '0002', about: 'has blocked the business: fails with 131026', state: { blocked: true } },
  { digits: '0003', about: 'switched off: accepted and sent, never delivered', state: { online: false } },
  { digits: '0004', about: 'slow network: arrives after 5 seconds', state: { delayMs: 5000 } },
  { digits: '0005', about: 'chat open: read comes without delivered', state: { chatOpen: true } },
  { digits: '0006', about: 'WhatsApp holds the message for quality assessment', faults: ['hold'], channel: 'whatsapp' },
  { digits: '0007', about: 'WhatsApp refuses with the pair limit 131056', state: { refusedWith: 131056 } },
  {
    digits: '0008',
    about: 'WhatsApp answers 500 and nothing happened',
    faults: ['fail_before_acceptance'],
    channel: 'whatsapp',
  },
  {
    digits: '0009',
    about: 'the message goes out and the answer is lost',
    faults: ['fail_after_acceptance'],
    channel: 'whatsapp',
  },
  {
    digits: '0010',
    about: 'the WhatsApp account changes hands after each message: one that names the account before fails with 137000',
    state: { changesHands: true },
  },
  { digits: '0011', about: 'cannot be reached by anything', state: { whatsapp: false, sms: false } },
  {
    digits: '0012',
    about: 'receipts come twice and in the wrong order',
    faults: ['duplicate_receipts', 'reorder_receipts'],
  },
  { digits: '0013', about: 'receipts never come', faults: ['drop_receipts'] },
  { digits: '0014', about: 'accepted, and never heard of again', faults: ['silence'], channel: 'whatsapp' },
  {
    digits: '0015',
    about: 'WhatsApp tells sent, and a failure with 131000 after it',
    state: { failsWith: 131000, failsAfterSent: true },
  },
]

export const findMagic = (digits: string): MagicNumber | undefined =>
  magicNumbers.find((magic) => digits.endsWith(magic.digits))
