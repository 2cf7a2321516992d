import type { Channel, CheckBody, Checked, Verification, VerificationWithTimeline } from './api-types.ts'
import { type ConnectionOptions, createRequest, type RequestOptions } from './request.ts'

export type { Channel, Checked, Transaction, Verification, VerificationWithTimeline } from './api-types.ts'
export { CentangRefusal, type ClientCode, type FieldError } from './refusal.ts'
export type { ConnectionOptions, RequestOptions } from './request.ts'

export interface BrowserClientOptions extends ConnectionOptions {
  /** `ct_…`, which your server made with `verifications.createClientToken(id)`. */
  readonly token: string
}

/** One verification, as the page of the person who is verified may use it. The recipient is masked, notes are left out. */
export interface OwnVerification {
  readonly id: string
  get(options?: RequestOptions): Promise<VerificationWithTimeline>
  check(body: string | CheckBody, options?: RequestOptions): Promise<Checked>
  resend(body?: { readonly channel?: Channel | undefined }, options?: RequestOptions): Promise<Verification>
  next(body?: { readonly channel?: Channel | undefined }, options?: RequestOptions): Promise<Verification>
}

/**
 * The client for a page.
 *
 * ```ts
 * const verification = createBrowserClient({ baseUrl: 'https://verify.example.com', token })
 * field.show(await verification.check(code))
 * ```
 */
export function createBrowserClient({ token, ...connection }: BrowserClientOptions): OwnVerification {
  const id = /^ct_([0-9a-f]{32})_/.exec(token)?.[1]
  if (id === undefined) throw new TypeError('A client token begins with ct_ and comes from createClientToken.')
  const request = createRequest(token, connection)
  const path = `verifications/ver_${id}`
  const post = <Answer>(call: string, body: object, options?: RequestOptions): Promise<Answer> =>
    request({ method: 'POST', path: `${path}/${call}`, body }, options)
  return {
    id: `ver_${id}`,
    get: (options) => request({ method: 'GET', path }, options),
    check: (body, options) => post('check', typeof body === 'string' ? { code: body } : body, options),
    resend: (body = {}, options) => post('resend', body, options),
    next: (body = {}, options) => post('next', body, options),
  }
}
