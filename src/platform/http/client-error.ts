import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '#platform/core/refusal.ts'
import { answerProblem, problemOf } from './problem.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

export const newRequestId = (): string => `req_${randomUUID().replaceAll('-', '')}`

/**
 * What Node's parser could not read never becomes a request: the answer is written by hand, then the connection is
 * closed.
 */
export const answerClientError =
  (basePath: string) =>
  (error: Error & { readonly code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return
    const problem = problemOf(refusalOf(error.code), newRequestId(), basePath)
    const body = JSON.stringify(problem)
    if (socket.writable) {
      socket.write(
        [
          `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
          'Content-Type: application/problem+json',
          `Content-Length: ${Buffer.byteLength(body)}`,
          `X-Request-Id: ${problem.request_id}`,
          'X-Content-Type-Options: nosniff',
          'Connection: close',
          '',
          body,
        ].join('\r\n'),
      )
    }
    socket.destroy(error)
  }

function refusalOf(code: string | undefined): Refusal {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Refusal(platformRefusals.request_too_slow)
  if (code === 'HPE_HEADER_OVERFLOW') return new Refusal(platformRefusals.headers_too_large)
  return new Refusal(platformRefusals.request_unreadable)
}

/** What Fastify refuses before there is a route, and therefore before every hook. It would repeat the URL. */
export function answerFrameworkError(
  error: { readonly code: string },
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  void reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff')
  answerProblem(
    reply,
    new Refusal(
      error.code === 'FST_ERR_BAD_URL' ? platformRefusals.request_unreadable : platformRefusals.route_not_found,
    ),
  )
}
