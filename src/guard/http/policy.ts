import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { form } from '#platform/core/field-problem.ts'
import { type Static, Type } from 'typebox'
import type { CountriesFrom, Policy, PolicyChanges } from '#guard/core/policy.ts'
import { aboutOf, type RuleId, ruleIds, ruleModes } from '#guard/core/rules.ts'
import type { PolicyOwner } from '#guard/flows/judging.ts'
import { accessIds } from '#access/core/ids.ts'
import { accessRefusals } from '#access/core/refusals.ts'
import { spellId } from '#platform/core/id.ts'
import type { Caller } from '#platform/core/caller.ts'
import { callerOf, requireCaller } from '#platform/http/authenticate.ts'
import { managing } from '#platform/http/refusals.ts'
import { oneOf, orNull } from '#platform/http/schema-kit.ts'

const countries = Type.Array(
  Type.String({ ...form('^[A-Z]{2}$', 'two capital letters, like ID'), description: 'ISO 3166-1 alpha-2.' }),
  {
    maxItems: 250,
    uniqueItems: true,
  },
)
const mode = oneOf(ruleModes, {
  description: '`enforce` refuses, `record` counts and tells and refuses nothing, `off` does nothing.',
})
const limit = orNull(Type.Integer({ minimum: 0, maximum: 100_000_000, description: 'Null: no limit.' }))

const changesSchema = Type.Object(
  {
    countries: Type.Optional(
      Type.Unsafe<Static<typeof countries> | null>({
        ...countries,
        type: ['array', 'null'],
        description: 'Where codes may go. Null: everywhere. Absent: the countries of your own senders’ numbers.',
      }),
    ),
    rules: Type.Optional(
      Type.Partial(
        Type.Object(
          Object.fromEntries(
            ruleIds.map((id) => [
              id,
              Type.Object(
                { mode: Type.Optional(mode), limit: Type.Optional(limit) },
                { additionalProperties: false, description: aboutOf(id) },
              ),
            ]),
          ),
        ),
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false, examples: [{ countries: ['ID', 'SG'], rules: { recipient_day: { limit: 6 } } }] },
)

const policySchema = Type.Object(
  {
    application_id: Type.String(),
    mode: oneOf(['test', 'live'] as const, { description: 'Of the key. Each mode has a policy of its own.' }),
    countries: Type.Unsafe<string[] | null>({
      ...countries,
      type: ['array', 'null'],
      description: 'Null: everywhere.',
    }),
    countries_from: oneOf(['named', 'senders', 'unknown'] as const satisfies readonly CountriesFrom[], {
      description:
        '`named` by you; `senders`: those of the numbers you send from; `unknown`: nobody said, so no country is ' +
        'refused and fewer unproven codes go to each.',
    }),
    rules: Type.Array(
      Type.Object({
        rule: oneOf(ruleIds),
        about: Type.String(),
        mode,
        limit,
      }),
    ),
  },
  { description: 'The rules as they are for the application of the key, in its mode.' },
)

interface PolicyRoutes {
  readonly policyOf: (owner: PolicyOwner) => Promise<Policy>
  readonly setPolicy: (owner: PolicyOwner, changes: PolicyChanges) => Promise<void>
  readonly requireMayChange: (caller: Caller) => Promise<void>
}

/** What an application sets of its guard. */
export const policyRoutes =
  ({ policyOf, setPolicy, requireMayChange }: PolicyRoutes): FastifyPluginAsyncTypebox =>
  async (app) => {
    requireCaller(app)
    const path = '/guard/policy'
    const tags = ['Guard']

    app.get(
      path,
      {
        config: { permission: 'guard:read' },
        schema: {
          operationId: 'getGuardPolicy',
          summary: 'Read the rules of the guard',
          description: 'What is refused before a message leaves or a code is compared, and by which limits.',
          tags,
          response: { 200: policySchema },
          refusals: managing,
        },
      },
      async (request) => represent(callerOf(request), await policyOf(callerOf(request))),
    )

    app.put(
      path,
      {
        config: { permission: 'guard:admin' },
        schema: {
          operationId: 'setGuardPolicy',
          summary: 'Set the rules of the guard',
          description:
            'For the application of the key, in its mode. What you leave out is as it is by default. It holds within ' +
            'five seconds on every server.',
          tags,
          body: changesSchema,
          response: { 200: policySchema },
          refusals: [...managing, accessRefusals.live_key_required],
        },
      },
      async (request) => {
        const caller = callerOf(request)
        await requireMayChange(caller)
        await setPolicy(caller, request.body)
        return represent(caller, await policyOf(caller))
      },
    )
  }

const represent = ({ applicationId, live }: PolicyOwner, policy: Policy): Static<typeof policySchema> => ({
  application_id: spellId(accessIds.application, applicationId),
  mode: live ? 'live' : 'test',
  countries: policy.countries && [...policy.countries],
  countries_from: policy.countriesFrom,
  rules: ruleIds.map((rule: RuleId) => ({
    rule,
    about: aboutOf(rule),
    mode: policy.mode(rule),
    limit: policy.limit(rule),
  })),
})
