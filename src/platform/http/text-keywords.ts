import type { FastifyServerOptions } from 'fastify'
import { problemOfProse, problemOfShownText, type ShownTextRule } from '#platform/core/shown-text.ts'

type Keywords = NonNullable<NonNullable<NonNullable<FastifyServerOptions['ajv']>['customOptions']>['keywords']>

interface Validate<Rule> {
  (rule: Rule, text: string): boolean
  errors?: { readonly keyword: string; readonly message: string }[]
}

/** The rules for texts as keywords of a schema, so that a field that is wrong is named as any other is. */
export const textKeywords: Keywords = [
  keyword<ShownTextRule>('x-shown', problemOfShownText),
  keyword<true>('x-prose', problemOfProse),
  // Read by core/field-problem.ts when a pattern is not met.
  { keyword: 'x-form' },
  { keyword: 'x-names' },
]

function keyword<Rule>(name: string, problemOf: (text: string, rule: Rule) => string | undefined) {
  const validate: Validate<Rule> = (rule, text) => {
    const message = problemOf(text, rule)
    validate.errors = message === undefined ? [] : [{ keyword: name, message }]
    return message === undefined
  }
  return { keyword: name, type: 'string' as const, errors: true, validate }
}
