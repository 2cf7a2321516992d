/** All that the examples need of Centang: two calls, by fetch. */
export interface Centang {
  start(request: StartRequest): Promise<Started>
  check(id: string, code: string, transaction?: Transaction): Promise<Checked>
}

/** What a code authorises; shown to the person, and sent again with the check. */
export interface Transaction {
  readonly amount: string
  readonly currency: string
  readonly payee: string
}

export interface StartRequest {
  readonly to: string
  /** One verification a recipient and purpose is pending at a time. */
  readonly purpose: string
  readonly locale?: string
  readonly transaction?: Transaction
}

export interface Started {
  readonly id: string
  readonly channel: string
  readonly resend_in_seconds: number | null
  readonly expires_at: string
}

export interface Checked {
  readonly valid: boolean
  readonly status: string
  readonly checks_remaining: number
}

/** Centang said no: `code` is stable and in its list of refusals, `title` is for people. */
export class Refused extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, title: string) {
    super(title)
    this.name = 'Refused'
    this.status = status
    this.code = code
  }
}

export function connectCentang({ url, key }: { readonly url: string; readonly key: string }): Centang {
  const call = async <Body>(path: string, body: object): Promise<Body> => {
    const answer = await fetch(`${url}/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    })
    const read = (await answer.json()) as Body & { code: string; title: string }
    if (!answer.ok) throw new Refused(answer.status, read.code, read.title)
    return read
  }
  return {
    start: (request) => call('/verifications', request),
    check: (id, code, transaction) => call(`/verifications/${id}/check`, { code, ...(transaction && { transaction }) }),
  }
}
