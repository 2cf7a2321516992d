import { shownAmount } from '#platform/core/money.ts'
import type { Channel } from '#platform/core/channel.ts'
import type { Transaction, VerificationStatus } from '#verification/core/verification.ts'
import { cardPage, escapeHtml } from '#platform/http/card-page.ts'
import { wordsOf } from './words.ts'

/** The page's content. Everything in it may come from outside; the only HTML is made here. */
export interface PageView {
  readonly locale: string
  readonly brand: string
  /** `#rrggbb`; absent: ours. */
  readonly color?: string | undefined
  /** A data: URL. */
  readonly logo?: string | undefined
  readonly status: VerificationStatus
  readonly recipient: string
  readonly channel: Channel
  /** Other channels of the workflow. */
  readonly otherChannels: readonly Channel[]
  readonly resendInSeconds: number
  readonly codeLength: number
  readonly transaction?: Transaction | undefined
  /** The outcome of the person's last step. */
  readonly notice?: { readonly isProblem: boolean; readonly text: string } | undefined
  /** Where the page leads when the verification is over. */
  readonly onwards?: string | undefined
  readonly nonce: string
}

/** A browser that was here before has somewhere to go back to. */
const goBack = `
const back = document.getElementById('back')
back.hidden = history.length < 2
back.addEventListener('click', () => history.back())
`

/** For a link that opens nothing. */
export const renderNotice = (locale: string, text: string, nonce: string): string =>
  cardPage({
    locale,
    title: text.split('. ')[0] as string,
    body: `<p role="alert" class="problem">${escapeHtml(text)}</p><button class="button" id="back" hidden>${escapeHtml(wordsOf(locale).goBack)}</button><script nonce="${nonce}">${goBack}</script>`,
    nonce,
  })

export function renderPage(view: PageView): string {
  const words = wordsOf(view.locale)
  const { status, notice, onwards } = view
  const told = notice
    ? `<p id="notice" role="${notice.isProblem ? 'alert' : 'status'}" class="${notice.isProblem ? 'problem' : 'news'}">${escapeHtml(notice.text)}</p>`
    : ''
  const authorises = view.transaction ? `<p class="bound">${bound(view.locale, view.transaction)}</p>` : ''
  if (status === 'pending') return cardPage({ ...view, title: words.title, body: authorises + pending(view, told) })
  const link = (text: string): string =>
    onwards === undefined ? '' : `<a class="button" href="${escapeHtml(onwards)}">${escapeHtml(text)}</a>`
  if (status === 'approved')
    return cardPage({
      ...view,
      title: words.approved,
      body: `<h1>${escapeHtml(words.approved)} <span aria-hidden="true">✓</span></h1>${authorises || `<p>${escapeHtml(words.approvedText)}</p>`}${link(words.goOn) || `<p>${escapeHtml(words.close)}</p>`}`,
    })
  const [what, next] = words.ended[status]
  const body = `<div role="alert"><h1 class="problem">${escapeHtml(what)}</h1></div><p>${escapeHtml(next)}</p>${link(words.goBack)}`
  return cardPage({ ...view, title: what, body })
}

function pending(view: PageView, told: string): string {
  const words = wordsOf(view.locale)
  const { resendInSeconds, nonce } = view
  const hasProblem = view.notice?.isProblem === true
  const ways = view.otherChannels.map(
    (channel) =>
      `<button class="quiet" name="channel" value="${channel}">${escapeHtml(words.by(words.channels[channel]))}</button>`,
  )
  return `<h1>${escapeHtml(words.title)}</h1>
<p>${escapeHtml(words.sentTo(view.recipient, words.channels[view.channel]))}</p>
<form method="post">
<label for="code">${escapeHtml(words.code)}</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="24" placeholder="${'–'.repeat(view.codeLength)}" required autofocus${hasProblem ? ' aria-invalid="true"' : ''}${view.notice ? ' aria-describedby="notice"' : ''}>
${told}
<button class="button">${escapeHtml(words.check)}</button>
</form>
<form method="post" class="again">
<p>${escapeHtml(words.notArrived)}</p>
<button class="quiet" name="again" value="1" data-seconds="${resendInSeconds}" data-text="${escapeHtml(words.resendIn)}">${escapeHtml(words.resend)}</button>
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
  return escapeHtml(wordsOf(locale).authorise('\ue000', '\ue001')).replaceAll(
    /[\ue000\ue001]/g,
    (place) => `<bdi>${escapeHtml(shown.get(place) as string)}</bdi>`,
  )
}
