import { textOn } from './color.ts'

/** A page of one card. Texts may come from outside; the HTML of the body is the caller's own. */
export interface CardPage {
  readonly locale: string
  /** Whose page it is; absent: nobody’s. */
  readonly brand?: string | undefined
  /** `#rrggbb`; absent: ours. */
  readonly color?: string | undefined
  /** A data: URL. */
  readonly logo?: string | undefined
  readonly title: string
  readonly body: string
  /** Of its style sheet, and of whatever script the body has. */
  readonly nonce: string
}

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const brandLine = (brand: string, logo: string | undefined): string =>
  `<p class="brand">${logo === undefined ? '' : `<img src="${escapeHtml(logo)}" alt="">`}${escapeHtml(brand)}</p>`

/** For customers and for whoever has lost the way: some kilobytes, nothing loaded, light and dark. */
export const cardPage = ({ locale, brand, color, logo, title, body, nonce }: CardPage): string => `<!doctype html>
<html lang="${escapeHtml(locale)}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>${escapeHtml([title.replace(/\.$/, ''), brand].filter(Boolean).join(' – '))}</title>
<style nonce="${nonce}">${style}${color === undefined ? '' : ownColor(color)}</style>
<main>
${brand === undefined ? '' : brandLine(brand, logo)}
${body}
</main>
</html>
`

/** Only the fill of buttons is the business's: whether it can be read on any ground, nobody knows. */
const ownColor = (color: string): string =>
  `:root { --fill: ${color}; --on-brand: ${textOn(color)}; --brand: var(--text) } .button { border-color: var(--line) }`

const style = `
:root { color-scheme: light dark; --ground: #f3f6f4; --card: #fff; --text: #16201b; --soft: #4d5953; --line: #7d8c84; --brand: #0b6e4f; --fill: var(--brand); --on-brand: #fff; --problem: #b42323 }
@media (prefers-color-scheme: dark) { :root { --ground: #0e1411; --card: #18201c; --text: #eef3f0; --soft: #aebbb4; --line: #74847b; --brand: #4fd1a1; --on-brand: #06281c; --problem: #ff9a94 } }
* { box-sizing: border-box }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--ground) }
main { max-width: 26rem; margin: clamp(0rem, 8vh, 5rem) auto; padding: 1.75rem; background: var(--card); border-radius: 1rem; overflow-wrap: anywhere }
@media (max-width: 30rem) { main { min-height: 100dvh; margin: 0; border-radius: 0 } }
.brand { display: flex; align-items: center; gap: .6rem; margin: 0 0 1.5rem; font-weight: 600; color: var(--soft) }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25 }
p { margin: 0 0 1rem }
.bound { padding: .75rem 1rem; border-inline-start: 4px solid var(--brand); background: var(--ground); font-weight: 600 }
label { display: block; font-weight: 600; margin-block-end: .25rem }
input { width: 100%; min-height: 3.25rem; font: inherit; font-size: 1.75rem; letter-spacing: .3em; text-align: center; font-variant-numeric: tabular-nums; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: .6rem; margin-block-end: 1rem }
.brand img { max-width: 8rem; max-height: 2.5rem }
::placeholder { color: var(--line) }
input[aria-invalid] { border-color: var(--problem) }
.button, .quiet { display: block; width: 100%; min-height: 2.9rem; padding: .6rem 1rem; font: inherit; font-weight: 600; text-align: center; text-decoration: none; border: 1px solid transparent; border-radius: .6rem; cursor: pointer }
.button { color: var(--on-brand); background: var(--fill) }
.quiet { color: var(--text); background: transparent; border-color: var(--line); margin-block-start: .6rem }
.quiet:disabled { color: var(--soft); border-style: dashed; cursor: default }
:is(input, button, a):focus-visible { outline: 3px solid var(--brand); outline-offset: 2px }
.problem { color: var(--problem); font-weight: 600 }
.news { color: var(--soft) }
.again { margin-block-start: 1.5rem; padding-block-start: 1.25rem; border-block-start: 1px solid var(--line) }
.again p { margin: 0 }
`
