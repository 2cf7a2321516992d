export const faultKinds = [
  'fail_before_acceptance',
  'fail_after_acceptance',
  'silence',
  'hold',
  'slow',
  'duplicate_receipts',
  'reorder_receipts',
  'drop_receipts',
  'duplicate_messages',
] as const
export type FaultKind = (typeof faultKinds)[number]

export interface Fault {
  readonly kind: FaultKind
  /** Digits; absent: everybody. */
  readonly to?: string
  readonly channel?: 'whatsapp' | 'sms'
  /** `slow`: how long the answer takes. `hold`: how long the message is held. */
  readonly delayMs: number
  /** How a `hold` ends. */
  readonly isReleased: boolean
  /** Messages it is still for; undefined: until cleared. */
  count: number | undefined
}

export interface FaultBoard {
  add(fault: Fault): void
  list(): readonly Fault[]
  clear(): void
  /** Spends one count of every fault that applies to a message. */
  take(to: string, channel: string): ReadonlyMap<FaultKind, Fault>
  /** The same when a person writes to the business. */
  takeInbound(to: string): boolean
}

/** What goes wrong with one message. */
export interface TakenFaults {
  readonly kinds: ReadonlySet<FaultKind>
  readonly slowMs: number
  readonly holdMs: number
  /** Held, it goes out in the end; else it is dropped. */
  readonly isReleased: boolean
}

export const slowDefaultMs = 5000
export const holdDefaultMs = 60_000
const faultsMax = 1000

const isLeft = ({ count }: Fault): boolean => count === undefined || count > 0

export function createFaultBoard(): FaultBoard {
  let faults: Fault[] = []
  return {
    add(fault) {
      faults = [...faults, fault].slice(-faultsMax)
    },
    list: () => faults,
    clear() {
      faults = []
    },
    take(to, channel) {
      const taken = new Map<FaultKind, Fault>()
      for (const fault of faults) {
        const isOfSending = fault.kind !== 'duplicate_messages'
        const applies = isOfSending && (fault.to ?? to) === to && (fault.channel ?? channel) === channel
        if (!applies || taken.has(fault.kind)) continue
        taken.set(fault.kind, fault)
        if (fault.count !== undefined) fault.count--
      }
      faults = faults.filter(isLeft)
      return taken
    },
    takeInbound(to) {
      const fault = faults.find(({ kind, to: only }) => kind === 'duplicate_messages' && (only ?? to) === to)
      if (fault?.count !== undefined) fault.count--
      faults = faults.filter(isLeft)
      return fault !== undefined
    },
  }
}
