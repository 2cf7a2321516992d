import { randomBytes } from 'node:crypto'
import { needs } from '#platform/http/permissions.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { acceptedLocale } from '#platform/core/locale.ts'
import { readId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { Channel } from '#platform/core/channel.ts'
import { normaliseCode } from '#verification/core/code.ts'
import { resendAfter, statusAt, type Verification } from '#verification/core/verification.ts'
import type { AccessPort } from '#access/port.ts'
import type { Flows } from '#verification/flows/flows.ts'
import { judgeError } from '#platform/http/problem.ts'
import { keySet, type ResultKeys, signResult } from '#verification/http/result.ts'
import { type PageView, renderNotice, renderPage } from './render.ts'
import { hasProven, provenCookie } from './proven-cookie.ts'
import { readTicket, type Ticket, type TicketKeys } from './ticket.ts'
import { type Words, wordsOf } from './words.ts'
import { verificationIds } from '#verification/core/ids.ts'

interface PageTakes
  extends Pick<Flows, 'check' | 'move' | 'stepTo' | 'load'>, Pick<AccessPort, 'findApplication' | 'findLogo'> {
  readonly keys: TicketKeys & ResultKeys
  readonly now: () => Date
  readonly publicUrl: () => string
}

type Notice = PageView['notice']

interface Acted {
  readonly notice?: Notice
  /** This very request carried the right code. */
  readonly isProven?: boolean
}

interface Opened {
  readonly ticket: Ticket
  readonly verification: Verification
}

/** The page for those who want no UI of their own, and the keys that its results are verified with. */
export const verifyPages =
  (takes: PageTakes) =>
  async (app: FastifyInstance): Promise<void> => {
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(body as string))),
    )
    // A person before this page can do nothing with JSON.
    app.setErrorHandler((error, request, reply) => {
      const { status } = judgeError(error, request).entry
      return showNotice(request, reply, status, (words) => words.trouble)
    })
    app.get('/.well-known/jwks.json', { schema: { hide: true }, ...needs('anyone') }, async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=300').send(keySet(takes.keys)),
    )
    app.get('/verify/:id', { schema: { hide: true }, ...needs('signed') }, async (request, reply) => {
      const opened = await open(takes, request)
      return opened ? show(takes, reply, opened, onwardsOf(takes, request, opened)) : showOver(request, reply)
    })
    app.post('/verify/:id', { schema: { hide: true }, ...needs('signed') }, async (request, reply) => {
      const opened = await open(takes, request)
      if (!opened) return showOver(request, reply)
      const { notice, isProven } = await act(takes, opened, fieldsOf(request))
      // As it stands now, whatever the person's step came to.
      const after = (await open(takes, request)) ?? opened
      const { ticket } = after
      if (isProven) void reply.header('set-cookie', provenCookie(takes, after))
      const onwards = onwardsOf(takes, request, after, isProven)
      if (isProven && onwards !== undefined) return secure(reply, ticket, '').redirect(onwards, 303)
      return show(takes, reply, after, onwards, notice)
    })
  }

const fieldsOf = ({ body }: FastifyRequest): Readonly<Record<string, string>> =>
  (typeof body === 'object' && body !== null ? body : {}) as Record<string, string>

async function open(takes: PageTakes, request: FastifyRequest): Promise<Opened | undefined> {
  const { id: spelled } = request.params as { id: string }
  const { t } = request.query as { t?: unknown }
  const ticket = typeof t === 'string' ? readTicket(takes.keys, t, takes.now()) : undefined
  if (!ticket || readId(verificationIds.verification, spelled) !== ticket.verificationId) return undefined
  const verification = await takes.load({ businessId: ticket.businessId, id: ticket.verificationId })
  return verification && { ticket, verification }
}

/** One step of the person: a code, or the wish for another message. What refuses it becomes words. */
async function act(
  { check, move, stepTo }: PageTakes,
  { verification }: Opened,
  fields: Readonly<Record<string, string>>,
): Promise<Acted> {
  const words = wordsOf(verification.locale)
  const { businessId, applicationId, live, id, transaction } = verification
  try {
    if (fields['code'] !== undefined) {
      const code = normaliseCode(fields['code'])
      if (code === undefined) return { notice: { isProblem: true, text: words.empty } }
      const checked = await check({ keyId: '', businessId, applicationId, live }, { id, code, transaction })
      if (checked.isValid) return { isProven: true }
      if (checked.status !== 'pending') return {}
      return { notice: { isProblem: true, text: words.wrong(checked.checksRemaining) } }
    }
    // Whoever holds the page stays within the workflow that the business chose.
    const channel = verification.workflow.find((one) => one.channel === fields['channel'])?.channel
    const step = channel && (await stepTo(verification, channel))
    const { refusal } = await move(verification, { kind: 'resend', ...(step && { step }) })
    if (refusal) throw refusal
    return { notice: { isProblem: false, text: words.sentAgain } }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { notice: wordsOfRefusal(words, error) }
  }
}

function wordsOfRefusal(words: Words, { code, facts }: Refusal): Notice {
  // The page itself says that it is over.
  if (['verification_closed', 'verification_expired', 'check_limit_reached'].includes(code)) return undefined
  const minutes = Math.ceil((facts.retryAfterSeconds ?? 0) / 60)
  const text = words.refusals[code]
  if (text === undefined) return { isProblem: true, text: words.trouble }
  return { isProblem: true, text: minutes > 0 ? `${text} ${words.retryIn(minutes)}` : text }
}

async function show(
  takes: PageTakes,
  reply: FastifyReply,
  opened: Opened,
  onwards: string | undefined,
  notice?: Notice,
): Promise<FastifyReply> {
  const { ticket, verification } = opened
  const now = takes.now()
  const application = await takes.findApplication(verification.businessId, verification.applicationId)
  const logo = application?.hasLogo
    ? await takes.findLogo(verification.businessId, verification.applicationId)
    : undefined
  const nonce = randomBytes(16).toString('base64')
  const channel = verification.deliveries.at(-1)?.channel ?? (verification.workflow[0] as { channel: Channel }).channel
  const at = resendAfter(verification.policy, verification.sentRecently)
  const page = renderPage({
    locale: verification.locale,
    brand: application?.brand ?? '',
    color: application?.color,
    logo,
    codeLength: verification.policy.codeLength,
    status: statusAt(verification, now),
    recipient: masked(verification.recipient),
    channel,
    otherChannels: [...new Set(verification.workflow.map((step) => step.channel))].filter((one) => one !== channel),
    resendInSeconds: at ? Math.max(0, Math.ceil((at.getTime() - now.getTime()) / 1000)) : 0,
    transaction: verification.transaction,
    notice,
    onwards,
    nonce,
  })
  return secure(reply, ticket, nonce).type('text/html; charset=utf-8').send(page)
}

/** The person's own number, or enough of it to be known again. */
const masked = (recipient: string): string =>
  recipient.includes('@')
    ? recipient.replace(/^(.).*(?=@)/u, '$1•••')
    : `${recipient.slice(0, 3)}\u00a0•••\u00a0${recipient.slice(-3)}`

/**
 * The business's page, with how it went. That it went well is told to the browser that brought the code and to no other:
 * whoever had the link first could have handed it to somebody else to prove their number in.
 */
function onwardsOf(
  { keys, now, publicUrl }: PageTakes,
  request: FastifyRequest,
  { ticket, verification }: Opened,
  isProven = false,
): string | undefined {
  if (ticket.returnUrl === undefined) return undefined
  if (verification.status === 'approved' && !isProven && !hasProven(keys, request, verification.id)) return undefined
  const url = new URL(ticket.returnUrl)
  url.searchParams.set('centang_result', signResult(keys, publicUrl(), verification, ticket.nonce, now()))
  return url.href
}

const showOver = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  showNotice(request, reply, 404, (words) => words.linkOver)

function showNotice(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  textOf: (words: Words) => string,
): FastifyReply {
  const locale = acceptedLocale(request.headers['accept-language'])
  const nonce = randomBytes(16).toString('base64')
  return secure(reply, undefined, nonce)
    .status(status)
    .type('text/html; charset=utf-8')
    .send(renderNotice(locale, textOf(wordsOf(locale)), nonce))
}

/** Nothing is loaded from anywhere, and nobody frames it but the one origin that the business named. */
function secure(reply: FastifyReply, ticket: Ticket | undefined, nonce: string): FastifyReply {
  const returns = ticket?.returnUrl === undefined ? '' : ` ${new URL(ticket.returnUrl).origin}`
  return reply.headers({
    'content-security-policy': `default-src 'none'; img-src data:; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'self'${returns}; frame-ancestors ${ticket?.frameOrigin ?? "'none'"}`,
    // The ticket is in the address.
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  })
}
