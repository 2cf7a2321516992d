import type { FastifyInstance, FastifyRequest } from 'fastify'
import { badParameter } from './errors.ts'
import { type Fields, fieldsOf } from './fields.ts'

/** Graph takes JSON, forms and multipart; what it can't read as parameters it passes over. */
export function acceptGraphBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? {} : JSON.parse(body as string))
    } catch {
      done(badParameter('Invalid JSON'))
    }
  })
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, unfold(Object.fromEntries(new URLSearchParams(body as string)))),
  )
  app.addContentTypeParser(
    'multipart/form-data',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      const { 'content-type': type = '' } = request.headers
      const whole = new Response(new Uint8Array(body), { headers: { 'content-type': type } })
      const form = await whole.formData().catch(() => {
        throw badParameter('Invalid multipart body')
      })
      return unfold(Object.fromEntries(form))
    },
  )
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null, {}))
}

/** Outside JSON an object or a list is written as JSON text. */
export const unfold = (fields: unknown): Fields =>
  Object.fromEntries(Object.entries(fieldsOf(fields)).map(([name, value]) => [name, unfoldOne(value)]))

function unfoldOne(value: unknown): unknown {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}
