import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import type { IdempotentRequests } from '#platform/http/idempotency.ts'
import { idempotencyHeader, idParameter } from '#platform/http/schema-kit.ts'
import { normaliseCode } from '#verification/core/code.ts'
import type { Flows } from '#verification/flows/flows.ts'
import { verificationId } from './own-verification.ts'
import { refused } from './refused.ts'
import { type ResultKeys, signResult } from './result.ts'
import { checkBody, checkSchema } from './schemas.ts'

interface CheckRoute extends Pick<Flows, 'check' | 'load'>, Pick<IdempotentRequests, 'readIdempotency'> {
  readonly keys: ResultKeys
  readonly now: () => Date
  readonly publicUrl: () => string
}

export const checkRoute =
  ({ check, load, keys, now, publicUrl, readIdempotency }: CheckRoute): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/verifications/:id/check',
      {
        config: { permission: 'verification:write', takesClientToken: true },
        schema: {
          operationId: 'checkCode',
          summary: 'Check a code',
          description:
            'A wrong code is an answer (`valid: false`), not an error. This answer is the proof that the number is theirs; ' +
            'what a verification says later, when somebody reads it, is news and proves nothing of whoever asks.',
          tags: ['Verifications'],
          params: idParameter,
          headers: idempotencyHeader,
          body: checkBody,
          response: { 200: checkSchema },
          refusals: refused.check,
        },
      },
      async (request) => {
        const code = normaliseCode(request.body.code)
        if (code === undefined) {
          throw new Refusal(platformRefusals.body_invalid, {
            errors: [{ path: 'body/code', problem: 'must consist of digits' }],
          })
        }
        const id = verificationId(request.params.id)
        const checked = await check(callerOf(request), {
          id,
          code,
          transaction: request.body.transaction,
          idempotency: readIdempotency(request),
        })
        // A page can say anything, so it is given something that its server can believe.
        const proven =
          request.isFromPage && checked.isValid
            ? await load({ businessId: callerOf(request).businessId, id })
            : undefined
        return {
          id: request.params.id,
          status: checked.status,
          valid: checked.isValid,
          checks_remaining: checked.status === 'pending' ? checked.checksRemaining : 0,
          ...(proven && { result: signResult(keys, publicUrl(), proven, undefined, now()) }),
        }
      },
    )
  }
