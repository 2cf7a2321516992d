/** What a validator (ajv, TypeBox) found at one place. */
export interface FieldFault {
  readonly keyword?: string | undefined
  readonly message?: string | undefined
  readonly params?: unknown
}

/** In words for whoever wrote the request, who has not seen the schema. Undefined: another fault says the same. */
export function problemOfField({ keyword, message, params }: FieldFault): string | undefined {
  const { allowedValues, allowedValue, additionalProperty } = (params ?? {}) as Readonly<Record<string, unknown>>
  if (keyword === 'enum') return `must be one of ${(allowedValues as readonly unknown[]).join(', ')}`
  if (keyword === 'const') return `must be ${String(allowedValue)}`
  // A place that a schema closes: what stands there is told by its path.
  if (keyword === 'boolean') return 'is not known here'
  if (keyword === 'additionalProperties')
    return additionalProperty === undefined ? undefined : 'has a member that is not known here'
  return message ?? 'is not valid'
}
