import type { Handset, InstalledApp } from './api.ts'
import { el } from './render.ts'
import type { Speech } from './text.ts'

const delaysMs = [0, 2000, 5000, 10_000, 60_000]

/** The app that the demo's WhatsApp template names for one-tap autofill. */
const bankApp: InstalledApp = { package_name: 'id.demobank.app', signature_hash: 'K8a/AINcGX7' }

const isBankApp = ({ package_name: name }: InstalledApp): boolean => name === bankApp.package_name

type Change = (changes: Partial<Handset>) => void

/** Switches for what the phone does; each says in a sentence what follows. Returns what shows another state. */
export function createSettings(change: Change, { words, language }: Speech): [HTMLElement, (now: Handset) => void] {
  const flags = (
    [
      ['whatsapp', words.isWhatsapp, words.isWhatsappAbout],
      ['sms', words.getsSms, words.getsSmsAbout],
      ['online', words.online, words.onlineAbout],
      ['read_receipts', words.reads, words.readsAbout],
      ['blocked', words.blocked, words.blockedAbout],
    ] as const
  ).map(([name, label, about]) => {
    const input = toggle((isOn) => change({ [name]: isOn }))
    return { name, input, row: row(label, about, input) }
  })
  let apps: readonly InstalledApp[] = []
  const app = toggle((isOn) => {
    const others = apps.filter((one) => !isBankApp(one))
    change({ apps: isOn ? [...others, bankApp] : others })
  })
  const seconds = new Intl.NumberFormat(language, { style: 'unit', unit: 'second', unitDisplay: 'short' })
  const delay = el('select', {})
  delay.addEventListener('change', () => change({ delay_ms: Number(delay.value) }))
  const screen = el(
    'div',
    { class: 'screen' },
    el('h2', { class: 'app-title' }, words.settings),
    el(
      'div',
      { class: 'list switches' },
      row(words.hasApp, words.hasAppAbout, app),
      ...flags.map(({ row }) => row),
      row(words.delay, words.delayAbout, delay),
    ),
  )
  return [
    screen,
    (now) => {
      apps = now.apps
      app.checked = apps.some(isBankApp)
      for (const { name, input } of flags) input.checked = now[name]
      // A delay set by the API may be none of ours.
      const offered = [...new Set([...delaysMs, now.delay_ms])].toSorted((a, b) => a - b)
      delay.replaceChildren(
        ...offered.map((ms) => el('option', { value: ms }, ms === 0 ? words.noDelay : seconds.format(ms / 1000))),
      )
      delay.value = String(now.delay_ms)
    },
  ]
}

function toggle(change: (isOn: boolean) => void): HTMLInputElement {
  const input = el('input', { type: 'checkbox', role: 'switch' })
  input.addEventListener('change', () => change(input.checked))
  return input
}

const row = (label: string, about: string, control: HTMLElement): HTMLElement =>
  el('label', { class: 'switch' }, el('span', {}, el('strong', {}, label), el('small', {}, about)), control)
