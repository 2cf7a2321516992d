import { Type } from 'typebox'
import { policyLimits, stepWaitDefaultSeconds } from '#access/core/policy.ts'
import { channelSchema, range } from '#platform/http/schema-kit.ts'

export const workflowSchema = Type.Array(
  Type.Object(
    {
      channel: channelSchema,
      wait_seconds: Type.Optional(
        Type.Integer({
          ...range(policyLimits.stepWaitSeconds),
          description: `Go on after so long without delivery. Default ${stepWaitDefaultSeconds}.`,
        }),
      ),
    },
    { additionalProperties: false },
  ),
  { minItems: policyLimits.workflowSteps.min, maxItems: policyLimits.workflowSteps.max },
)
