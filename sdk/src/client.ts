import type {
  Channel,
  CheckBody,
  Checked,
  ClientToken,
  HostedPage,
  HostedPageBody,
  ListQuery,
  StartBody,
  Verification,
  VerificationPage,
  VerificationWithTimeline,
} from './api-types.ts'
import { spellQuery } from './everywhere.ts'
import { type ConnectionOptions, createRequest, type RequestOptions } from './request.ts'

export type * from './api-types.ts'
export { CentangRefusal, type ClientCode, type FieldError } from './refusal.ts'
export type { ConnectionOptions, RequestOptions } from './request.ts'

export interface ClientOptions extends ConnectionOptions {
  /** `ck_test_…` or `ck_live_…`. It opens everything of its application, so it stays on your server. */
  readonly apiKey: string | undefined
}

export interface Centang {
  readonly verifications: Verifications
}

export interface Verifications {
  /** Sends a code. For the same recipient and purpose, the pending verification is sent again with the same code. */
  start(body: StartBody, options?: RequestOptions): Promise<Verification>
  /** Whether the code is right. A wrong one is an answer (`valid: false`), not an error. */
  check(id: string, body: string | CheckBody, options?: RequestOptions): Promise<Checked>
  /** The same code again, on the same channel or the one named. */
  resend(id: string, body?: { readonly channel?: Channel | undefined }, options?: RequestOptions): Promise<Verification>
  /** The same code on the next channel of the workflow, or on the one named. */
  next(id: string, body?: { readonly channel?: Channel | undefined }, options?: RequestOptions): Promise<Verification>
  /** Ends it. The recipient is free for a new one at once; what was sent still counts. */
  cancel(id: string, options?: RequestOptions): Promise<Verification>
  get(id: string, options?: RequestOptions): Promise<VerificationWithTimeline>
  /** A link to a page of the server in the business's brand, for those who want none of their own. */
  createHostedPage(id: string, body?: HostedPageBody, options?: RequestOptions): Promise<HostedPage>
  /**
   * For a page that checks its own verification (`@centang/sdk/browser`). What it finds is for the person to see; let
   * them in after your own server has read `status: "approved"`.
   */
  createClientToken(id: string, options?: RequestOptions): Promise<ClientToken>
  /** Newest first; give `next_cursor` as `cursor` for the page after. */
  list(query?: ListQuery, options?: RequestOptions): Promise<VerificationPage>
}

/**
 * The client for your server.
 *
 * ```ts
 * const centang = createClient({ baseUrl: 'https://verify.example.com', apiKey: process.env.CENTANG_API_KEY })
 * const { id } = await centang.verifications.start({ to: '+6281234567890' })
 * const { valid } = await centang.verifications.check(id, '123456')
 * ```
 */
export function createClient({ apiKey, ...connection }: ClientOptions): Centang {
  if ('document' in globalThis) {
    throw new TypeError('An API key must not reach a browser. Use @centang/sdk/browser with a client token there.')
  }
  if (!apiKey) throw new TypeError('There is no apiKey. Is the variable that holds it set?')
  const request = createRequest(apiKey, connection)
  const post = <Answer>(id: string, call: string, body: object, options?: RequestOptions): Promise<Answer> =>
    request({ method: 'POST', path: `${pathOf(id)}/${call}`, body }, options)
  return {
    verifications: {
      start: (body, options) => request({ method: 'POST', path: 'verifications', body }, options),
      check: (id, body, options) => post(id, 'check', typeof body === 'string' ? { code: body } : body, options),
      resend: (id, body = {}, options) => post(id, 'resend', body, options),
      next: (id, body = {}, options) => post(id, 'next', body, options),
      cancel: (id, options) => post(id, 'cancel', {}, options),
      createHostedPage: (id, body = {}, options) => post(id, 'hosted_page', body, options),
      createClientToken: (id, options) => post(id, 'client_token', {}, options),
      get: (id, options) => request({ method: 'GET', path: pathOf(id) }, options),
      list: (query = {}, options) => request({ method: 'GET', path: `verifications?${spellQuery(query)}` }, options),
    },
  }
}

/** Encoded, because an id that came from a form must not reach another call. */
export function pathOf(id: string): string {
  if (!/^\w+$/.test(id)) throw new TypeError('The id of a verification looks like ver_ and 32 hex digits.')
  return `verifications/${id}`
}
