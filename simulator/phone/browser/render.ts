type Child = Node | string | undefined | false

/** An element in one call. Text is always text, never markup. */
export function el(tag: string, properties: Record<string, unknown> = {}, ...children: readonly Child[]): HTMLElement {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value as EventListener)
    else node.setAttribute(name, value === true ? '' : String(value))
  }
  for (const child of children) if (child !== undefined && child !== false) node.append(child)
  return node
}

/** Text with *bold* in it. */
export function bold(markup: string): Node {
  const fragment = document.createDocumentFragment()
  for (const [index, part] of markup.split('*').entries()) {
    fragment.append(index % 2 === 1 ? el('strong', { translate: 'no' }, part) : part)
  }
  return fragment
}

const paths = {
  tick: 'M12 2l2.4 1.8 3-.2 1 2.9 2.5 1.7-.9 2.8.9 2.8-2.5 1.7-1 2.9-3-.2L12 22l-2.4-1.8-3 .2-1-2.9-2.5-1.7.9-2.8-.9-2.8 2.5-1.7 1-2.9 3 .2z',
  check: 'M8 12.2l2.7 2.7L16 9.6',
  back: 'M15 5l-7 7 7 7',
  chat: 'M4 5h16v11H9l-5 4z',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  fill: 'M4 17l9-9 3 3-9 9H4zM14 7l2-2 3 3-2 2',
  flag: 'M6 21V4h11l-2 4 2 4H6',
} as const

export function icon(name: keyof typeof paths): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  svg.classList.add('icon', `icon-${name}`)
  for (const d of name === 'tick' ? [paths.tick, paths.check] : [paths[name]]) {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
    path.setAttribute('d', d)
    svg.append(path)
  }
  return svg
}

export const time = (iso: string | number, language: string): string =>
  new Date(iso).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit' })
