import type { Handset } from './api.ts'
import { el } from './render.ts'
import type { Speech } from './text.ts'

const delaysMs = [0, 2000, 5000, 10_000, 60_000]

type Change = (changes: Partial<Handset>) => void

/** Switches for what the phone does; each says in a sentence what follows. Returns what shows another state. */
export function createSettings(box: HTMLElement, change: Change, { words, language }: Speech): (now: Handset) => void {
  const switches = (
    [
      ['whatsapp', words.isWhatsapp, words.isWhatsappAbout],
      ['sms', words.getsSms, words.getsSmsAbout],
      ['online', words.online, words.onlineAbout],
      ['read_receipts', words.reads, words.readsAbout],
      ['blocked', words.blocked, words.blockedAbout],
    ] as const
  ).map(([name, label, about]) => {
    const input = el('input', { type: 'checkbox', role: 'switch' })
    input.addEventListener('change', () => change({ [name]: input.checked }))
    return { name, input, row: row(label, about, input) }
  })
  const seconds = new Intl.NumberFormat(language, { style: 'unit', unit: 'second', unitDisplay: 'long' })
  const delay = el('select', {})
  delay.addEventListener('change', () => change({ delay_ms: Number(delay.value) }))
  box.replaceChildren(
    el('h2', {}, words.settings),
    ...switches.map(({ row }) => row),
    row(words.delay, words.delayAbout, delay),
  )
  return (now) => {
    for (const { name, input } of switches) input.checked = now[name]
    // A delay set by the API may be none of ours.
    const offered = [...new Set([...delaysMs, now.delay_ms])].toSorted((a, b) => a - b)
    delay.replaceChildren(
      ...offered.map((ms) => el('option', { value: ms }, ms === 0 ? words.noDelay : seconds.format(ms / 1000))),
    )
    delay.value = String(now.delay_ms)
  }
}

const row = (label: string, about: string, control: HTMLElement): HTMLElement =>
  el('label', { class: 'switch' }, el('span', {}, el('strong', {}, label), el('small', {}, about)), control)
