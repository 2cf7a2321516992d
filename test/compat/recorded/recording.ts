/** What an SDK put on the wire, one request after the other, and how it was answered. */
export interface Recording {
  /** Package and version. */
  readonly sdk: string
  /** `recorded`, with what had to stand in for a missing library; or from the source of which version it was written. */
  readonly origin: string
  readonly runtime: string
  /** Codes that the requests give, by the phone they came to and how many messages it had then. */
  readonly codes: readonly { readonly to: number; readonly count: number }[]
  readonly exchanges: readonly Exchange[]
}

/**
 * In double braces stands what differs each time: `business`, `application` (32 digits or as a UUID), `key`, `plain_key`,
 * `api_key`; `to1` a fresh number without its plus; `code1` and `wrong1` a code and another one; `totp+0` what an
 * authenticator app shows; `3/sid#0` the first id in a member of the fourth answer.
 */
export interface Exchange {
  readonly step: string
  readonly method: string
  readonly path: string
  /** In their order. Basic credentials are readable; of a JWT there is `jwt`. */
  readonly headers: readonly (readonly [string, string])[]
  readonly jwt?: Jwt
  readonly body: string
  readonly answer: Answered
}

/** Times are seconds from now. */
export interface Jwt {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

/** As much of an answer as a client decides by. */
export interface Answered {
  readonly status: number
  readonly code?: number
  readonly title?: string
  /** Of a verification, a factor, a challenge. */
  readonly state?: string
  /** How many a list had. */
  readonly items?: number
}

export function summarise(status: number, text: string): Answered {
  const body: unknown = text === '' ? undefined : JSON.parse(text)
  const members = Object(body) as Record<string, unknown>
  const { code, title, status: state } = members
  const list = Object.values(members).find(Array.isArray)
  const isList = 'meta' in members && list !== undefined
  return {
    status,
    ...(typeof code === 'number' && { code }),
    ...(typeof title === 'string' && { title }),
    ...(typeof state === 'string' && { state }),
    ...(isList && { items: list.length }),
  }
}

const idPattern = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}/g

/** Every id in an answer, by the name that a later request has for it. */
export function idsIn(text: string, index: number): Map<string, string> {
  const found = new Map<string, string>()
  const visit = (value: unknown, path: string): void => {
    if (typeof value === 'string') {
      for (const [place, [id]] of [...value.matchAll(idPattern)].entries()) found.set(`${index}${path}#${place}`, id)
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) visit(member, `${path}/${name}`)
    }
  }
  if (text !== '') visit(JSON.parse(text), '')
  return found
}

/** The secret of every authenticator app in a recording. */
export const totpSecret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
