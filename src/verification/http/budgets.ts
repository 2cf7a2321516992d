import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { accessIds } from '#access/core/ids.ts'
import { readRecipient } from '#platform/http/recipient.ts'
import { requireOperator } from '#platform/http/authenticate.ts'
import type { IdempotentRequests } from '#platform/http/idempotency.ts'
import { requireId } from '#platform/http/require-id.ts'
import { idempotencyHeader, idParameter } from '#platform/http/schema-kit.ts'
import { refused } from './refused.ts'

interface BudgetRoutes extends Pick<IdempotentRequests, 'answerOnce'> {
  readonly resetBudget: (businessId: string, recipient: string) => Promise<boolean>
}

/** For the operator: what wrong codes have used up is given back. */
export const budgetRoutes =
  ({ resetBudget, answerOnce }: BudgetRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireOperator(app)
    const tags = ['Operator']

    app.post(
      '/businesses/:id/budgets/reset',
      {
        config: { permission: 'operator' },
        schema: {
          operationId: 'resetBudget',
          summary: "Reset a recipient's failure budget",
          description: 'For the operator, after the person was confirmed by another factor.',
          tags,
          params: idParameter,
          headers: idempotencyHeader,
          body: Type.Object(
            { recipient: Type.String({ minLength: 3, maxLength: 254 }) },
            { additionalProperties: false, examples: [{ recipient: '+6281234567890' }] },
          ),
          response: {
            200: Type.Object({ reset: Type.Boolean() }, { description: 'Whether there was a budget to reset.' }),
          },
          refusals: refused.reset,
        },
      },
      (request, reply) => {
        const id = requireId(accessIds.business, request.params.id)
        const recipient = readRecipient(request.body.recipient)
        const run = async () => ({ status: 200, body: { reset: await resetBudget(id, recipient) } })
        return answerOnce(request, reply, run, { aboutBusinessId: id })
      },
    )
  }
