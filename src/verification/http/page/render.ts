import { shownAmount } from '#platform/core/money.ts'
import type { Channel } from '#platform/core/channel.ts'
import type { Transaction, VerificationStatus } from '#verification/core/verification.ts'
import { wordsOf } from './words.ts'

/** The page's content. Everything in it may come from outside; the only HTML is made here. */
export interface PageView {
  readonly locale: string
  readonly brand: string
  readonly status: VerificationStatus
  readonly recipient: string
  readonly channel: Channel
  /** Other channels of the workflow. */
  readonly otherChannels: readonly Channel[]
  readonly resendInSeconds: number
  readonly transaction?: Transaction | undefined
  /** The outcome of the person's last step. */
  readonly notice?: { readonly isProblem: boolean; readonly text: string } | undefined
  /** Where the page leads when the verification is over. */
  readonly onwards?: string | undefined
  readonly nonce: string
}

/** For a link that opens nothing. */
export const renderNotice = (locale: string, text: string, nonce: string): string =>
  frame(locale, 'Centang', `<p role="alert" class="problem">${escape(text)}</p>`, nonce)

export function renderPage(view: PageView): string {
  const words = wordsOf(view.locale)
  const { status, notice, onwards, nonce } = view
  const told = notice
    ? `<p id="notice" role="${notice.isProblem ? 'alert' : 'status'}" class="${notice.isProblem ? 'problem' : 'news'}">${escape(notice.text)}</p>`
    : ''
  const authorises = view.transaction ? `<p class="bound">${bound(view.locale, view.transaction)}</p>` : ''
  if (status === 'pending') return frame(view.locale, view.brand, authorises + pending(view, told), nonce)
  const link = (text: string): string =>
    onwards === undefined ? '' : `<a class="button" href="${escape(onwards)}">${escape(text)}</a>`
  const body =
    status === 'approved'
      ? `<h1>${escape(words.approved)} <span aria-hidden="true">✓</span></h1>${authorises || `<p>${escape(words.approvedText)}</p>`}${link(words.goOn) || `<p>${escape(words.close)}</p>`}`
      : `<h1>${escape(words.title)}</h1><p role="alert" class="problem">${escape(words.ended[status])}</p>${link(words.goBack)}`
  return frame(view.locale, view.brand, body, nonce)
}

function pending(view: PageView, told: string): string {
  const words = wordsOf(view.locale)
  const { resendInSeconds, nonce } = view
  const hasProblem = view.notice?.isProblem === true
  const ways = view.otherChannels.map(
    (channel) =>
      `<button class="quiet" name="channel" value="${channel}">${escape(words.by(words.channels[channel]))}</button>`,
  )
  return `<h1>${escape(words.title)}</h1>
<p>${escape(words.sentTo(view.recipient, words.channels[view.channel]))}</p>
<form method="post">
<label for="code">${escape(words.code)}</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="24" required autofocus${hasProblem ? ' aria-invalid="true"' : ''}${view.notice ? ' aria-describedby="notice"' : ''}>
${told}
<button class="button">${escape(words.check)}</button>
</form>
<form method="post" class="again">
<p>${escape(words.notArrived)}</p>
<button class="quiet" name="again" value="1" data-seconds="${resendInSeconds}" data-text="${escape(words.resendIn)}">${escape(words.resend)}</button>
${ways.join('\n')}
</form>
<script nonce="${nonce}">${countdown}</script>`
}

/** Without it the buttons work as well, and the server says when it is too soon. */
const countdown = `
const button = document.querySelector('[data-seconds]'), text = button.textContent, until = performance.now() + button.dataset.seconds * 1000
const tell = () => {
  const left = Math.ceil((until - performance.now()) / 1000)
  button.disabled = left > 0
  button.textContent = left > 0 ? button.dataset.text.replace('{seconds}', left) : text
  if (left > 0) setTimeout(tell, 250)
}
tell()
// A second press would find the code used up.
for (const form of document.forms) form.addEventListener('submit', (event) => {
  if (form.dataset.sent) event.preventDefault()
  form.dataset.sent = 'yes'
})
addEventListener('pageshow', () => { for (const form of document.forms) delete form.dataset.sent })
`

/** What the code authorises. A payee in a script that is written from the right turns nothing around it (`bdi`). */
function bound(locale: string, transaction: Transaction): string {
  const shown = new Map([
    ['\ue000', shownAmount(locale, transaction)],
    ['\ue001', transaction.payee],
  ])
  // Nothing that came from outside is in the sentence yet.
  return escape(wordsOf(locale).authorise('\ue000', '\ue001')).replaceAll(
    /[\ue000\ue001]/g,
    (place) => `<bdi>${escape(shown.get(place) as string)}</bdi>`,
  )
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const frame = (locale: string, brand: string, body: string, nonce: string): string => `<!doctype html>
<html lang="${escape(locale)}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>${escape(brand)}</title>
<style nonce="${nonce}">${style}</style>
<main>
<p class="brand">${escape(brand)}</p>
${body}
</main>
</html>
`

const style = `
:root { color-scheme: light dark; --ground: #f3f6f4; --card: #fff; --text: #16201b; --soft: #4d5953; --line: #7d8c84; --brand: #0b6e4f; --on-brand: #fff; --problem: #b42323 }
@media (prefers-color-scheme: dark) { :root { --ground: #0e1411; --card: #18201c; --text: #eef3f0; --soft: #aebbb4; --line: #74847b; --brand: #4fd1a1; --on-brand: #06281c; --problem: #ff9a94 } }
* { box-sizing: border-box }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--ground) }
main { max-width: 26rem; margin: clamp(0rem, 8vh, 5rem) auto; padding: 1.75rem; background: var(--card); border-radius: 1rem; overflow-wrap: anywhere }
@media (max-width: 30rem) { main { min-height: 100dvh; margin: 0; border-radius: 0 } }
.brand { margin: 0 0 1.5rem; font-weight: 600; color: var(--soft) }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25 }
p { margin: 0 0 1rem }
.bound { padding: .75rem 1rem; border-inline-start: 4px solid var(--brand); background: var(--ground); font-weight: 600 }
label { display: block; font-weight: 600; margin-block-end: .25rem }
input { width: 100%; min-height: 3.25rem; font: inherit; font-size: 1.75rem; letter-spacing: .3em; text-align: center; font-variant-numeric: tabular-nums; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: .6rem; margin-block-end: 1rem }
input[aria-invalid] { border-color: var(--problem) }
.button, .quiet { display: block; width: 100%; min-height: 2.9rem; padding: .6rem 1rem; font: inherit; font-weight: 600; text-align: center; text-decoration: none; border: 1px solid transparent; border-radius: .6rem; cursor: pointer }
.button { color: var(--on-brand); background: var(--brand) }
.quiet { color: var(--text); background: transparent; border-color: var(--line); margin-block-start: .6rem }
.quiet:disabled { color: var(--soft); border-style: dashed; cursor: default }
:is(input, button, a):focus-visible { outline: 3px solid var(--brand); outline-offset: 2px }
.problem { color: var(--problem); font-weight: 600 }
.news { color: var(--soft) }
.again { margin-block-start: 1.5rem; padding-block-start: 1.25rem; border-block-start: 1px solid var(--line) }
.again p { margin: 0 }
`
