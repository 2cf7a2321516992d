/**
 * Makes `src/api-types.ts` of the server's OpenAPI file: the types of the calls that the SDK offers, and the codes of
 * its refusals. `test/sdk/api-types.test.ts` runs it against the real server.
 */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> }
}

interface Operation {
  readonly operationId?: string
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>

interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly (string | null)[]
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: boolean | Schema
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly description?: string
}

/** What each type is called, and where in the file it is found. In this order, so that later ones can name earlier ones. */
const named: readonly (readonly [name: string, find: (api: OpenApi) => Schema])[] = [
  ['RefusalCode', (api) => schemaNamed(api, 'RefusalCode')],
  ['Transaction', (api) => property(body(api, 'startVerification'), 'transaction')],
  ['Channel', (api) => property(body(api, 'startVerification'), 'channel')],
  ['WantedStep', (api) => property(body(api, 'startVerification'), 'workflow').items as Schema],
  ['StartBody', (api) => body(api, 'startVerification')],
  ['CheckBody', (api) => body(api, 'checkCode')],
  ['VerificationStatus', (api) => property(answer(api, 'checkCode'), 'status')],
  ['WorkflowStep', (api) => property(answer(api, 'getVerification'), 'workflow').items as Schema],
  ['Delivery', (api) => property(answer(api, 'getVerification'), 'deliveries').items as Schema],
  ['TimelineEntry', (api) => property(answer(api, 'getVerification'), 'timeline').items as Schema],
  ['Verification', (api) => answer(api, 'startVerification')],
  ['VerificationWithTimeline', (api) => answer(api, 'getVerification')],
  ['Checked', (api) => answer(api, 'checkCode')],
  ['Sender', (api) => property(answer(api, 'listSenders'), 'data').items as Schema],
  ['ClientToken', (api) => answer(api, 'createClientToken')],
  ['HostedPageBody', (api) => body(api, 'createHostedPage')],
  ['HostedPage', (api) => answer(api, 'createHostedPage')],
  ['ListQuery', (api) => query(api, 'listVerifications')],
  ['VerificationPage', (api) => answer(api, 'listVerifications')],
  ['VerificationWebhookKind', (api) => property(schemaNamed(api, 'VerificationEvent'), 'type')],
  ['MessageWebhookKind', (api) => property(schemaNamed(api, 'MessageEvent'), 'type')],
  ['FactorWebhookKind', (api) => property(schemaNamed(api, 'FactorEvent'), 'type')],
  ['TransferWebhookKind', (api) => property(schemaNamed(api, 'TransferEvent'), 'type')],
  ['WebhookKind', (api) => ({ anyOf: eventSchemas(api).map((schema) => property(schema, 'type')) })],
  ['VerificationWebhook', (api) => schemaNamed(api, 'VerificationEvent')],
  ['MessageWebhook', (api) => schemaNamed(api, 'MessageEvent')],
  ['FactorWebhook', (api) => schemaNamed(api, 'FactorEvent')],
  ['TransferWebhook', (api) => schemaNamed(api, 'TransferEvent')],
  ['WebhookEvent', (api) => schemaNamed(api, 'WebhookEvent')],
]

export function generateTypes(api: OpenApi): string {
  const known = new Map<string, string>()
  const parts = named.map(([name, find]) => {
    const schema = find(api)
    const written = typeOf(schema, known, '')
    known.set(shapeOf(schema), name)
    return `${comment(schema, '')}export ${written.startsWith('{') && !schema.anyOf ? `interface ${name} ${written}` : typeLine(name, written)}`
  })
  return `// Made of the server's OpenAPI file by sdk/generate.ts; do not edit.\n\n${parts.join('\n\n')}\n`
}

/** As the formatter wants it. */
const typeLine = (name: string, type: string): string => {
  const line = `type ${name} = ${type}`
  return line.length <= 113 ? line : `type ${name} =\n  | ${type.split(' | ').join('\n  | ')}`
}

function typeOf(schema: Schema, known: ReadonlyMap<string, string>, indent: string): string {
  const name = known.get(shapeOf(schema))
  if (name !== undefined && hasStructure(schema)) return name
  const types = [schema.type ?? []].flat()
  if (types.includes('null') && types.length > 1) {
    const values = schema.enum?.filter((value) => value !== null)
    const other: Schema = { ...schema, type: types.filter((type) => type !== 'null'), ...(values && { enum: values }) }
    return `${typeOf({ ...other, type: [other.type ?? []].flat()[0] ?? 'null' }, known, indent)} | null`
  }
  if (schema.enum) return schema.enum.map((value) => (value === null ? 'null' : `'${value}'`)).join(' | ')
  if (schema.anyOf) return [...new Set(schema.anyOf.map((one) => typeOf(one, known, indent)))].join(' | ')
  switch (types[0]) {
    case 'object':
      return objectType(schema, known, indent)
    case 'array':
      return `readonly ${wrapped(typeOf(schema.items ?? {}, known, indent))}[]`
    case 'integer':
    case 'number':
      return 'number'
    case 'string':
    case 'boolean':
    case 'null':
      return types[0]
    default:
      return 'unknown'
  }
}

function objectType(schema: Schema, known: ReadonlyMap<string, string>, indent: string): string {
  if (!schema.properties) {
    const values = Object.values(schema.patternProperties ?? {})[0] ?? schema.additionalProperties
    return `Readonly<Record<string, ${typeof values === 'object' ? typeOf(values, known, indent) : 'unknown'}>>`
  }
  const inner = `${indent}  `
  const lines = Object.entries(schema.properties).map(([name, one]) => {
    const isRequired = schema.required?.includes(name) ?? false
    // Undefined is written out: whoever passes on what may be missing need not take it out first.
    const type = `${typeOf(one, known, inner)}${isRequired ? '' : ' | undefined'}`
    return `${comment(one, inner)}${inner}readonly ${name}${isRequired ? '' : '?'}: ${type}`
  })
  return `{\n${lines.join('\n')}\n${indent}}`
}

const wrapped = (type: string): string => (type.includes(' | ') || type.startsWith('{') ? `(${type})` : type)

const comment = ({ description }: Schema, indent: string): string =>
  description === undefined ? '' : `${indent}/** ${description} */\n`

/** Only what has a structure gets a name: every string would look like every other. */
const hasStructure = ({ enum: values, anyOf, properties, items }: Schema): boolean =>
  Boolean(values ?? anyOf ?? properties ?? items)

/** Two schemas are the same type whatever is said about them and however values are limited besides. */
const shapeOf = (schema: Schema): string =>
  JSON.stringify(schema, (key, value: unknown) => (wordsAndLimits.has(key) ? undefined : value))

const wordsAndLimits = new Set(['description', 'examples', 'additionalProperties', 'pattern', 'minLength', 'maxLength'])

function operation(api: OpenApi, id: string): Operation {
  const found = Object.values(api.paths)
    .flatMap((path) => Object.values(path))
    .find(({ operationId }) => operationId === id)
  if (!found) throw new Error(`The OpenAPI file has no operation ${id}.`)
  return found
}

function body(api: OpenApi, id: string): Schema {
  const schema = operation(api, id).requestBody?.content['application/json']?.schema
  if (!schema) throw new Error(`${id} takes no JSON.`)
  return schema
}

function answer(api: OpenApi, id: string): Schema {
  const { responses } = operation(api, id)
  const schema = (responses['200'] ?? responses['201'])?.content?.['application/json']?.schema
  if (!schema) throw new Error(`${id} answers no JSON.`)
  return schema
}

function query(api: OpenApi, id: string): Schema {
  const parameters = operation(api, id).parameters?.filter((one) => one.in === 'query') ?? []
  return { type: 'object', properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])) }
}

function property(schema: Schema, name: string): Schema {
  const found = schema.properties?.[name]
  if (!found) throw new Error(`The OpenAPI file has no property ${name} where the SDK looks for it.`)
  return found
}

const eventSchemas = (api: OpenApi): readonly Schema[] => schemaNamed(api, 'WebhookEvent').anyOf ?? []

function schemaNamed(api: OpenApi, name: string): Schema {
  const found = api.components?.schemas?.[name]
  if (!found) throw new Error(`The OpenAPI file has no schema ${name}.`)
  return found
}
