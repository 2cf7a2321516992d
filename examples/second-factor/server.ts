import { createHash, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
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

interface Account {
  readonly phone: string
  readonly salt: Buffer
  readonly passwordHash: Buffer
  totpSecret?: string
  /** Not yet shown to work: an app that was set up wrongly must lock nobody out. */
  totpProposed?: string
  totpLastStep: number
  /** Hashes of those that are left. */
  readonly recovery: Set<string>
  /** Wrong second factors in a row that were not the phone's: those Centang counts. */
  failures: number
  /** After so many, nobody gets on for a while; for ever would let anybody lock anybody out. */
  pausedUntil: number
}

/** After the password, before the second factor. */
interface Halfway {
  readonly name: string
  readonly until: number
  verificationId?: string
}

const failuresMax = 5
const pauseMs = 15 * 60_000
const halfwayLastsMs = 10 * 60_000
const recoveryCount = 10

export function createLogin({ centangUrl, apiKey, now = () => new Date() }: LoginOptions): Server {
  const accounts = new Map<string, Account>()
  const halfway = new Map<string, Halfway>()
  const sessions = new Map<string, string>()

  async function centang(path: string, body: object): Promise<{ id?: string; valid?: boolean }> {
    const answer = await fetch(`${centangUrl}/v1/verifications${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return answer.ok ? ((await answer.json()) as { id?: string; valid?: boolean }) : {}
  }

  const steps: Record<string, (body: Record<string, string>) => Promise<object | undefined>> = {
    async 'sign-up'({ name = '', password = '', phone = '' }) {
      if (accounts.has(name) || password.length < 8) return undefined
      const salt = randomBytes(16)
      const passwordHash = scryptSync(password, salt, 32)
      accounts.set(name, {
        phone,
        salt,
        passwordHash,
        totpLastStep: 0,
        recovery: new Set(),
        failures: 0,
        pausedUntil: 0,
      })
      return { name }
    },

    async password({ name = '', password = '' }) {
      const account = accounts.get(name)
      const hash = scryptSync(password, account?.salt ?? Buffer.alloc(16), 32)
      if (!account || !timingSafeEqual(hash, account.passwordHash)) return undefined
      const ticket = randomBytes(24).toString('base64url')
      halfway.set(ticket, { name, until: now().getTime() + halfwayLastsMs })
      return { ticket, factors: account.totpSecret === undefined ? ['phone'] : ['totp', 'phone', 'recovery'] }
    },

    async 'send-code'({ ticket = '' }) {
      const found = look(ticket)
      if (!found) return undefined
      const { id } = await centang('', { to: found.account.phone, purpose: 'login' })
      if (id === undefined) return undefined
      found.half.verificationId = id
      return { sent: true }
    },

    async phone({ ticket = '', code = '' }) {
      const found = look(ticket)
      if (found?.half.verificationId === undefined) return undefined
      const { valid } = await centang(`/${found.half.verificationId}/check`, { code })
      return valid === true ? signIn(ticket, found.half.name) : undefined
    },

    async totp({ ticket = '', code = '' }) {
      const found = look(ticket)
      if (found?.account.totpSecret === undefined) return undefined
      const step = findStep(found.account.totpSecret, code, found.account.totpLastStep, now())
      if (step === undefined) return fail(found.account)
      found.account.totpLastStep = step
      return signIn(ticket, found.half.name)
    },

    async recovery({ ticket = '', code = '' }) {
      const found = look(ticket)
      if (!found) return undefined
      return found.account.recovery.delete(hashOf(code)) ? signIn(ticket, found.half.name) : fail(found.account)
    },

    async 'propose-totp'({ session = '' }) {
      const account = accounts.get(sessions.get(session) ?? '')
      if (!account) return undefined
      account.totpProposed = newSecret()
      return { uri: totpUri('Toko Budi', sessions.get(session) as string, account.totpProposed) }
    },

    async 'confirm-totp'({ session = '', code = '' }) {
      const account = accounts.get(sessions.get(session) ?? '')
      const step = account?.totpProposed === undefined ? undefined : findStep(account.totpProposed, code, 0, now())
      if (!account || step === undefined) return undefined
      account.totpSecret = account.totpProposed as string
      account.totpLastStep = step
      const codes = Array.from({ length: recoveryCount }, () => randomBytes(8).toString('hex'))
      account.recovery.clear()
      for (const code of codes) account.recovery.add(hashOf(code))
      return { recovery_codes: codes }
    },
  }

  function look(ticket: string): { account: Account; half: Halfway } | undefined {
    const half = halfway.get(ticket)
    const account = half && accounts.get(half.name)
    const time = now().getTime()
    if (!half || !account || half.until < time || account.pausedUntil > time) return undefined
    return { account, half }
  }

  function fail(account: Account): undefined {
    account.failures++
    if (account.failures >= failuresMax) {
      account.failures = 0
      account.pausedUntil = now().getTime() + pauseMs
    }
    return undefined
  }

  function signIn(ticket: string, name: string): object {
    halfway.delete(ticket)
    ;(accounts.get(name) as Account).failures = 0
    const session = randomBytes(24).toString('base64url')
    sessions.set(session, name)
    return { session }
  }

  return createServer((request, response) => {
    readJson(request)
      .then((body) => steps[(request.url ?? '').slice(1)]?.(body))
      .then(
        (done) => reply(response, done ? 200 : 403, done ?? { problem: 'that is not right' }),
        () => reply(response, 400, { problem: 'this was not understood' }),
      )
  })
}

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
