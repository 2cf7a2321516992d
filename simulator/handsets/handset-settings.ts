import {
  ControlError,
  flag,
  graphCode,
  listOf,
  numberFrom,
  orNull,
  type Reader,
  readMembers,
  textLike,
} from '../control/control-body.ts'
import { type HandsetState, receiptStatuses } from './handset-state.ts'
import type { Handset } from './handset.ts'

const delayMaxMs = 3_600_000
const appsMax = 20

const app: Reader<HandsetState['apps'][number]> = (value) => {
  const { package_name: packageName, signature_hash: signatureHash } = readMembers(value, {
    package_name: textLike(/^[A-Za-z]\w*(\.[A-Za-z]\w*)+$/, 'a name like com.example.bank'),
    signature_hash: textLike(/^[A-Za-z0-9+/=]{11}$/, 'the 11 characters of a signature hash'),
  })
  if (packageName === undefined || signatureHash === undefined)
    throw new ControlError(400, '"apps" must be a list of {package_name, signature_hash}.')
  return { packageName, signatureHash }
}

const receiptDelays: Reader<HandsetState['receiptDelaysMs']> = (value) =>
  readMembers(value, Object.fromEntries(receiptStatuses.map((status) => [status, numberFrom(0, 86_400_000)])))

const readers = {
  whatsapp: flag,
  sms: flag,
  online: flag,
  read_receipts: flag,
  blocked: flag,
  delay_ms: numberFrom(0, delayMaxMs),
  chat_open: flag,
  language: orNull(textLike(/^[a-z]{2,3}(_[A-Z]{2})?$/, 'a language like en or pt_BR, or null')),
  apps: listOf(app, appsMax),
  refused_with: orNull(graphCode),
  fails_with: orNull(graphCode),
  fails_after_sent: flag,
  receipt_delays_ms: receiptDelays,
  identity_key_hash: textLike(/^[A-Za-z0-9+/=]{8,20}$/, '8 to 20 characters of base64'),
  changes_hands: flag,
} as const

/** Members of `PUT /handsets/{e164}` and what they are called in here. */
const places = {
  whatsapp: 'whatsapp',
  sms: 'sms',
  online: 'online',
  read_receipts: 'readReceipts',
  blocked: 'blocked',
  delay_ms: 'delayMs',
  chat_open: 'chatOpen',
  language: 'language',
  apps: 'apps',
  refused_with: 'refusedWith',
  fails_with: 'failsWith',
  fails_after_sent: 'failsAfterSent',
  receipt_delays_ms: 'receiptDelaysMs',
  identity_key_hash: 'identityKeyHash',
  changes_hands: 'changesHands',
} as const satisfies Record<keyof typeof readers, keyof HandsetState>

export function readHandsetState(body: unknown): Partial<HandsetState> {
  const read = readMembers(body, readers)
  return Object.fromEntries(Object.entries(read).map(([name, value]) => [places[name as keyof typeof places], value]))
}

export const representHandset = ({ digits, state, messages, touchedAt }: Handset): object => ({
  e164: `+${digits}`,
  ...Object.fromEntries(
    Object.entries(places).map(([name, place]) => [name, place === 'apps' ? spellApps(state) : (state[place] ?? null)]),
  ),
  message_count: messages.length,
  touched_at: new Date(touchedAt).toISOString(),
})

const spellApps = ({ apps }: HandsetState): object[] =>
  apps.map(({ packageName, signatureHash }) => ({ package_name: packageName, signature_hash: signatureHash }))
