import { createHash, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { codeStep, curl, keep, readPlace, serveByHand } from '../by-hand.ts'
import { Logins } from './logins.ts'
import { findStep, newSecret, totpUri } from './totp.ts'

/**
 * A login whose second factor is a code on the phone, or, stronger, an authenticator app: nobody can send its code on or
 * take over its number. For the day the phone is gone there are ten recovery codes, each good once.
 */
export interface LoginOptions {
  readonly centangUrl: string
  readonly apiKey: string
  readonly now?: () => Date
}

/** What a step answers; undefined: no, and not why. */
type Steps = Readonly<Record<string, (body: Record<string, string>) => Promise<object | undefined>>>
type Centang = (path: string, body: object) => Promise<{ id?: string; valid?: boolean }>

const recoveryCount = 10

export function createLogin({ centangUrl, apiKey, now = () => new Date() }: LoginOptions): Server {
  const logins = new Logins(now)
  const centang: Centang = async (path, body) => {
    const answer = await fetch(`${centangUrl}/v1/verifications${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return answer.ok ? ((await answer.json()) as { id?: string; valid?: boolean }) : {}
  }
  const steps: Steps = { ...passwordSteps(logins), ...phoneSteps(logins, centang), ...appSteps(logins) }
  return createServer((request, response) => {
    readJson(request)
      .then((body) => steps[(request.url ?? '').slice(1)]?.(body))
      .then(
        (done) => reply(response, done ? 200 : 403, done ?? { problem: 'that is not right' }),
        () => reply(response, 400, { problem: 'this was not understood' }),
      )
  })
}

const passwordSteps = (logins: Logins): Steps => ({
  async 'sign-up'({ name = '', password = '', phone = '' }) {
    if (logins.find(name) || password.length < 8) return undefined
    const salt = randomBytes(16)
    logins.add(name, { phone, salt, passwordHash: scryptSync(password, salt, 32) })
    return { name }
  },

  async password({ name = '', password = '' }) {
    const account = logins.find(name)
    const hash = scryptSync(password, account?.salt ?? Buffer.alloc(16), 32)
    if (!account || !timingSafeEqual(hash, account.passwordHash)) return undefined
    const factors = account.totpSecret === undefined ? ['phone'] : ['totp', 'phone', 'recovery']
    return { ticket: logins.begin(name), factors }
  },
})

const phoneSteps = (logins: Logins, centang: Centang): Steps => ({
  async 'send-code'({ ticket = '' }) {
    const found = logins.look(ticket)
    if (!found) return undefined
    const { id } = await centang('', { to: found.account.phone, purpose: 'login' })
    if (id === undefined) return undefined
    found.half.verificationId = id
    return { sent: true }
  },

  async phone({ ticket = '', code = '' }) {
    const found = logins.look(ticket)
    if (found?.half.verificationId === undefined) return undefined
    const { valid } = await centang(`/${found.half.verificationId}/check`, { code })
    return valid === true ? logins.signIn(ticket, found.half.name) : undefined
  },
})

const appSteps = (logins: Logins): Steps => ({
  async totp({ ticket = '', code = '' }) {
    const found = logins.look(ticket)
    if (found?.account.totpSecret === undefined) return undefined
    const step = findStep(found.account.totpSecret, code, found.account.totpLastStep, logins.now())
    if (step === undefined) return logins.fail(found.account)
    found.account.totpLastStep = step
    return logins.signIn(ticket, found.half.name)
  },

  async recovery({ ticket = '', code = '' }) {
    const found = logins.look(ticket)
    if (!found) return undefined
    const { account, half } = found
    return account.recovery.delete(hashOf(code)) ? logins.signIn(ticket, half.name) : logins.fail(account)
  },

  async 'propose-totp'({ session = '' }) {
    const name = logins.nameOf(session)
    const account = logins.find(name)
    if (!account) return undefined
    account.totpProposed = newSecret()
    return { uri: totpUri('Toko Budi', name, account.totpProposed) }
  },

  async 'confirm-totp'({ session = '', code = '' }) {
    const account = logins.find(logins.nameOf(session))
    const proposed = account?.totpProposed
    const step = proposed === undefined ? undefined : findStep(proposed, code, 0, logins.now())
    if (!account || proposed === undefined || step === undefined) return undefined
    account.totpSecret = proposed
    account.totpLastStep = step
    const codes = Array.from({ length: recoveryCount }, () => randomBytes(8).toString('hex'))
    account.recovery.clear()
    for (const code of codes) account.recovery.add(hashOf(code))
    return { recovery_codes: codes }
  },
})

/** 64 random bits need no slow hash. */
const hashOf = (code: string): string => createHash('sha256').update(code.replaceAll(/[\s-]/g, '')).digest('hex')

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}

async function readJson(request: IncomingMessage): Promise<Record<string, string>> {
  let text = ''
  for await (const part of request) {
    text += String(part)
    if (text.length > 10_000) throw new Error('too long')
  }
  const body = JSON.parse(text) as Record<string, unknown>
  return Object.fromEntries(
    Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

if (import.meta.main) {
  const place = await readPlace()
  const server = createLogin({ centangUrl: place.url, apiKey: place.key })
  serveByHand(server, 4006, (own) => {
    const sari = { name: 'sari', password: 'correct horse' }
    return [
      ['Make an account', curl(`${own}/sign-up`, { ...sari, phone: place.phone })],
      ['Sign in: the password first', keep('TICKET', 'ticket', curl(`${own}/password`, sari))],
      ['Then the phone', curl(`${own}/send-code`, { ticket: '$TICKET' })],
      codeStep(place),
      ['The code signs in', keep('SESSION', 'session', curl(`${own}/phone`, { ticket: '$TICKET', code: '$CODE' }))],
      ['An authenticator app for the next time', curl(`${own}/propose-totp`, { session: '$SESSION' })],
    ]
  })
}
