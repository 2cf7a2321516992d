import { listHandsets } from './api.ts'
import { el } from './render.ts'
import type { Words } from './text.ts'

/** `+` and digits, from any spelling with the country code; undefined when it cannot be a number. */
export function normalise(typed: string): string | undefined {
  const digits = typed.replaceAll(/[^\d+]/g, '').replace(/^(?:\+|00)/, '')
  return /^[1-9]\d{6,14}$/.test(digits) ? `+${digits}` : undefined
}

/** Chooses whose phone it is; proposes the numbers that were written to. Returns what shows another number. */
export function createNumberBar(
  bar: HTMLElement,
  words: Words,
  choose: (e164: string) => void,
  refuse: (why: string) => void,
): (e164: string) => void {
  const known = el('datalist', { id: 'known' })
  const input = el('input', {
    id: 'number',
    type: 'tel',
    list: 'known',
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: '+6281234567890',
  })
  input.addEventListener('focus', () => {
    // Without proposals the field works as well.
    const offer = ({ handsets }: Awaited<ReturnType<typeof listHandsets>>): void =>
      known.replaceChildren(...handsets.slice(0, 20).map(({ e164 }) => el('option', { value: e164 })))
    listHandsets().then(offer, () => undefined)
  })
  const onsubmit = (event: Event): void => {
    event.preventDefault()
    const e164 = normalise(input.value)
    input.setAttribute('aria-invalid', String(e164 === undefined))
    if (e164 === undefined) return refuse(words.badNumber)
    choose(e164)
  }
  bar.replaceChildren(
    el('h1', {}, words.title),
    el(
      'form',
      { onsubmit, novalidate: true },
      el('label', { for: 'number' }, words.number),
      input,
      known,
      el('button', { type: 'submit' }, words.open),
    ),
  )
  return (e164) => {
    input.value = e164
    input.setAttribute('aria-invalid', 'false')
  }
}
