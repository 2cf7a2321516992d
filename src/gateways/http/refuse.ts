import type { FastifyReply } from 'fastify'
import type { Refusal } from '#platform/core/refusal.ts'
import { natureOf } from './natures.ts'

/** How an auth server is told that its code is not delivered. */
export type Refuse = (reply: FastifyReply, refusal: Refusal) => FastifyReply

/**
 * For those that look at the status alone and put what came with it into their log, as it is: one line that says what
 * is wrong and what to do. Kratos keeps the first 1024 bytes of it.
 */
export const refuseInLog: Refuse = (reply, refusal) => sendText(reply, refusal, lineOf(refusal, reply.request.id))

/** For one that shows it to the person as well: only what is wrong for them, and the code for whoever looks after it. */
export const refuseInSentence: Refuse = (reply, refusal) =>
  sendText(reply, refusal, `${refusal.facts.toPerson ?? whatIsWrong(refusal)} (${refusal.code})`)

/** For programs: what is wrong, as a code and as a sentence, and whether the same call may succeed soon. */
export const refuseInJson: Refuse = (reply, refusal) =>
  begin(reply, refusal).send({
    code: refusal.code,
    message: messageOf(refusal),
    retry: natureOf(refusal) === 'soon',
    request_id: reply.request.id,
  })

const sendText = (reply: FastifyReply, refusal: Refusal, text: string): FastifyReply =>
  begin(reply, refusal).type('text/plain; charset=utf-8').send(text)

function begin(reply: FastifyReply, { entry, facts }: Refusal): FastifyReply {
  if (facts.retryAfterSeconds !== undefined) void reply.header('retry-after', String(facts.retryAfterSeconds))
  return reply.status(entry.status)
}

const lineOf = (refusal: Refusal, requestId: string): string => `${refusal.code}: ${messageOf(refusal)} (${requestId})`

const messageOf = (refusal: Refusal): string =>
  refusal.facts.errors ? whatIsWrong(refusal) : `${whatIsWrong(refusal)} ${refusal.entry.remedy}`

/** With each field that is wrong; what was in it is never repeated. */
function whatIsWrong({ entry, facts }: Refusal): string {
  const fields = facts.errors?.map(({ path, problem }) => `${path} ${problem}`).join('; ')
  return fields ? `${entry.title} ${fields}.` : entry.title
}
