type Child = Node | string | undefined | false

type Property = string | number | boolean | undefined | ((event: Event) => void)

/** An element in one call. Text is always text, never markup. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Record<string, Property> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue
    if (typeof value === 'function') node.addEventListener(name.slice(2), value)
    else node.setAttribute(name, value === true ? '' : String(value))
  }
  for (const child of children) if (child !== undefined && child !== false) node.append(child)
  return node
}

/** Replaces what is in a box; the focus stays on what has the same `data-key`. */
export function refill(box: HTMLElement, ...children: readonly Node[]): void {
  const { activeElement } = document
  const isInside = activeElement instanceof HTMLElement && box.contains(activeElement)
  const key = isInside ? activeElement.dataset['key'] : undefined
  box.replaceChildren(...children)
  if (key === undefined) return
  box.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true })
}

// WhatsApp makes bold of what stands between asterisks at the borders of words: "2*3*4" is a sum.
const bold = /(?<![\p{L}\d*])\*(?=\S)([^*\n]+)(?<=\S)\*(?![\p{L}\d*])/u

/** The text of a bubble: WhatsApp's bold, or in a text message the code that the phone found there. */
export function rich(text: string, channel: 'whatsapp' | 'sms', code: string | null): Node {
  const fragment = document.createDocumentFragment()
  const at = channel === 'sms' && code !== null ? text.indexOf(code) : -1
  const found = at < 0 ? [text] : [text.slice(0, at), code ?? '', text.slice(at + (code ?? '').length)]
  const parts = channel === 'sms' ? found : text.split(bold)
  for (const [index, part] of parts.entries()) {
    fragment.append(index % 2 === 1 ? el('strong', { translate: 'no', dir: part === code && 'ltr' }, part) : part)
  }
  return fragment
}

const paths = {
  tick: 'M12 2l2.4 1.8 3-.2 1 2.9 2.5 1.7-.9 2.8.9 2.8-2.5 1.7-1 2.9-3-.2L12 22l-2.4-1.8-3 .2-1-2.9-2.5-1.7.9-2.8-.9-2.8 2.5-1.7 1-2.9 3 .2z',
  inTick: 'M8 12.2l2.7 2.7L16 9.6',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  seen: 'M2 12.5l4.5 4.5L15 8.5M11 16l1 1 9.5-9.5',
  back: 'M15 5l-7 7 7 7',
  chat: 'M4 5h16v11H9l-5 4z',
  sms: 'M3 6h18v12H3zM3 7l9 7 9-7',
  reply: 'M10 7l-5 5 5 5M5 12h9a5 5 0 0 1 5 5',
  list: 'M9 7h11M9 12h11M9 17h11M4.5 7h.01M4.5 12h.01M4.5 17h.01',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  fill: 'M4 17l9-9 3 3-9 9H4zM14 7l2-2 3 3-2 2',
  flag: 'M6 21V4h11l-2 4 2 4H6',
  signal: 'M4 19v-3M9 19v-6M14 19V9M19 19V5',
  battery: 'M2 8h17v9H2zM22 11v3M5 11h8v3H5z',
  power: 'M12 3v9M6.5 7a8 8 0 1 0 11 0',
  settings:
    'M4 7h9M18 7h2M4 17h2M11 17h9M15 7a1.5 1.5 0 1 0 3 0 1.5 1.5 0 1 0-3 0M7 17a1.5 1.5 0 1 0 3 0 1.5 1.5 0 1 0-3 0',
} as const

export function icon(name: Exclude<keyof typeof paths, 'inTick'>): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  svg.classList.add('icon', `icon-${name}`)
  for (const d of name === 'tick' ? [paths.tick, paths.inTick] : [paths[name]]) {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
    path.setAttribute('d', d)
    svg.append(path)
  }
  return svg
}

/** The time of a message and of the clock at the top, of 24 hours everywhere. */
export const time = (at: string | number | Date, language: string): string =>
  new Date(at).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

/** "today", "yesterday", then the date. */
export function day(at: string, language: string): string {
  const midnight = (of: Date): number => new Date(of).setHours(0, 0, 0, 0)
  const daysAgo = Math.round((midnight(new Date()) - midnight(new Date(at))) / 86_400_000)
  return daysAgo < 2
    ? new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(-daysAgo, 'day')
    : new Date(at).toLocaleDateString(language, { day: 'numeric', month: 'long' })
}
