import assert from 'node:assert/strict'
import { refusalOf } from '../kit/refusals.ts'
import type { SystemName } from './auth-servers.ts'

/** An answer as it came. */
export interface RawAnswer {
  readonly status: number
  readonly statusText: string
  readonly headers: Headers
  readonly text: string
}

/** The refusals that the person at the phone has to be told of: in the application's language, and in Logto's page's. */
const forThePerson: Readonly<Record<string, { readonly en: string; readonly ptBr: string }>> = {
  recipient_invalid: {
    en: 'This is not a phone number. Check it and try again.',
    ptBr: 'Isto não é um número de telefone. Confira e tente de novo.',
  },
  recipient_not_allowed: {
    en: 'No code can be sent to this number. Check it, or use another.',
    ptBr: 'Não é possível enviar um código para este número. Confira ou use outro.',
  },
  send_limit_reached: {
    en: 'We have sent enough codes for now. Try again later.',
    ptBr: 'Já enviamos códigos suficientes por enquanto. Tente novamente mais tarde.',
  },
}
/** Those that come again however often the call does: the same call, or another code to the same number. */
const isFinal: readonly string[] = ['recipient_invalid', 'recipient_not_allowed', 'body_invalid', 'payload_too_large']
/** Those that may be over in a second. */
const isSoonOver: readonly string[] = ['database_unavailable', 'busy']

type Shape = (answer: RawAnswer, code: string) => void

const statusOf = (code: string): number => refusalOf(code).status

const isText = ({ headers }: RawAnswer): void => assert.equal(headers.get('content-type'), 'text/plain; charset=utf-8')

/** One line that a log can hold, with the code in front and the request's id at the end. */
const inLog: Shape = (answer, code) => {
  isText(answer)
  assert.equal(answer.status, statusOf(code))
  assert.ok(answer.text.startsWith(`${code}: ${refusalOf(code).title} `), answer.text)
  assert.ok(answer.text.endsWith(` (${answer.headers.get('x-request-id')})`), answer.text)
  assert.ok(Buffer.byteLength(answer.text) <= 1024 && !answer.text.includes('\n'), answer.text)
}

const inJson: Shape = (answer, code) => {
  assert.equal(answer.status, statusOf(code))
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
  const { message, ...rest } = JSON.parse(answer.text)
  const request_id = answer.headers.get('x-request-id')
  assert.deepEqual(rest, { code, retry: isSoonOver.includes(code), request_id })
  assert.ok(message.startsWith(refusalOf(code).title), message)
}

/** What each system is answered when its call is refused. */
export const shapes: Readonly<Record<SystemName, Shape>> = {
  supabase(answer, code) {
    assert.equal(answer.status, forThePerson[code] ? 200 : statusOf(code))
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
    assert.deepEqual(JSON.parse(answer.text), {
      error: { http_code: statusOf(code), message: forThePerson[code]?.en ?? refusalOf(code).title },
    })
    // With it, 503 is repeated at once.
    assert.equal(answer.headers.has('retry-after'), isSoonOver.includes(code))
  },
  clerk(answer, code) {
    inJson(answer, code)
    assert.equal(answer.headers.get('webhook-delivery'), isFinal.includes(code) ? 'abort-message' : null)
  },
  auth0: inJson,
  logto(answer, code) {
    isText(answer)
    assert.equal(answer.status, statusOf(code))
    // With the fields that are wrong, when it is those.
    if (code === 'body_invalid') assert.match(answer.text, /body\S* .+\. \(body_invalid\)$/)
    else assert.equal(answer.text, `${forThePerson[code]?.ptBr ?? refusalOf(code).title} (${code})`)
  },
  kratos: inLog,
  keycloak: inLog,
  zitadel(answer, code) {
    inLog(answer, code)
    assert.equal(answer.statusText, code)
  },
}
