import type { FastifyInstance } from 'fastify'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

/** No body of the API is nested deeper than six. */
const depthMax = 32

/**
 * JSON with the text kept beside it; an empty body is no body. What a database or a serialiser could not take is
 * refused here, once for every call: members that reach a prototype, U+0000, halves of characters, bottomless nesting.
 */
export function acceptJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  acceptNoBody(app)
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    request.rawBody = body
    if (body.trim() === '') {
      done(null, null)
      return
    }
    void parse(request, body, (error, value) => {
      // Decoded from UTF-8, the text itself is well-formed: only an escape can bring in such a character.
      const problem = error ? undefined : problemOf(value, body.includes('\\u'), 1)
      done(
        problem === undefined
          ? error
          : new Refusal(platformRefusals.body_invalid, { errors: [{ path: 'body', problem }] }),
        value,
      )
    })
  })
}

/**
 * No body is no body, whatever type it has or lacks: some clients announce one in chunks and send none. Anything else of
 * a type that has no parser is refused.
 */
export function acceptNoBody(app: FastifyInstance): void {
  app.addContentTypeParser<string>('*', { parseAs: 'string' }, (_request, body, done) =>
    done(body === '' ? null : new Refusal(platformRefusals.content_type_unsupported), null),
  )
}

function problemOf(value: unknown, hasEscapes: boolean, depth: number): string | undefined {
  if (typeof value === 'string') return hasEscapes && !isText(value) ? unsound : undefined
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > depthMax) return `must not be nested deeper than ${depthMax}`
  for (const [name, member] of Object.entries(value)) {
    if (hasEscapes && !isText(name)) return unsound
    const problem = problemOf(member, hasEscapes, depth + 1)
    if (problem !== undefined) return problem
  }
  return undefined
}

const unsound = 'must not hold U+0000 or half a surrogate pair'

const isText = (text: string): boolean => text.isWellFormed() && !text.includes('\0')
