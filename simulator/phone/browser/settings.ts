import type { Handset } from './api.ts'
import { el } from './render.ts'
import type { Words } from './text.ts'

const slowMs = 10_000

/** Switches for what the phone does; each says in a sentence what follows. */
export function renderSettings(handset: Handset, change: (changes: Partial<Handset>) => void, words: Words): HTMLElement[] {
  const row = (label: string, about: string, isOn: boolean, changes: (on: boolean) => Partial<Handset>): HTMLElement => {
    const input = el('input', { type: 'checkbox', role: 'switch', checked: isOn })
    input.addEventListener('change', () => change(changes((input as HTMLInputElement).checked)))
    return el('label', { class: 'switch' }, input, el('span', {}, el('strong', {}, label), el('small', {}, about)))
  }
  return [
    el('h2', {}, words.settings),
    row(words.isWhatsapp, words.isWhatsappAbout, handset.whatsapp, (whatsapp) => ({ whatsapp })),
    row(words.getsSms, words.getsSmsAbout, handset.sms, (sms) => ({ sms })),
    row(words.online, words.onlineAbout, handset.online, (online) => ({ online })),
    row(words.reads, words.readsAbout, handset.read_receipts, (read_receipts) => ({ read_receipts })),
    row(words.blocked, words.blockedAbout, handset.blocked, (blocked) => ({ blocked })),
    row(words.slow, words.slowAbout, handset.delay_ms > 0, (isSlow) => ({ delay_ms: isSlow ? slowMs : 0 })),
  ]
}
