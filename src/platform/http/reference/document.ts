import { examplePath, type IdPrefixes } from './example-path.ts'
import { type Snippet, snippetsOf } from './snippets.ts'

interface Media {
  readonly example?: unknown
}

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly example?: unknown
}

interface Operation {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly responses?: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>
}

/** What is read of the OpenAPI file. */
export interface OpenApi {
  readonly info: { readonly description?: string }
  readonly servers?: readonly { readonly url: string }[]
  readonly paths?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** Stands in the snippets for the key; the page puts the reader's own in its place. */
export const keyPlaceholder = 'ck_test_YOUR_KEY'

const aboutSnippets = `

The snippets make the call as they stand, with the test key of the field at the top. For TypeScript there is also
\`@centang/sdk\`: the same calls with types, retries that never send twice, and a client for the browser.`

const methods = ['get', 'post', 'put', 'patch', 'delete']

/** The OpenAPI file with snippets for the reference; the file itself stays free of them. */
export function documentWithSnippets(openApi: OpenApi, prefixes: IdPrefixes): OpenApi {
  const origin = openApi.servers?.[0]?.url ?? ''
  const paths = Object.entries(openApi.paths ?? {}).map(([path, operations]) => [
    path,
    Object.fromEntries(
      Object.entries(operations).map(([method, operation]) => [
        method,
        methods.includes(method)
          ? {
              ...(operation as Operation),
              'x-codeSamples': samplesOf(origin + examplePath(path, prefixes), method, operation as Operation),
            }
          : operation,
      ]),
    ),
  ])
  return {
    ...openApi,
    info: { ...openApi.info, description: (openApi.info.description ?? '') + aboutSnippets },
    paths: Object.fromEntries(paths) as NonNullable<OpenApi['paths']>,
  }
}

const samplesOf = (url: string, method: string, operation: Operation): Snippet[] =>
  snippetsOf({
    method: method.toUpperCase(),
    url: url + requiredQuery(operation),
    key: keyPlaceholder,
    body: operation.requestBody?.content['application/json']?.example,
    answers: answersOf(operation),
  })

function requiredQuery({ parameters = [] }: Operation): string {
  const required = parameters.filter((one) => one.in === 'query' && one.required)
  const query = new URLSearchParams(
    required.map(({ name, example }): [string, string] => [
      name,
      typeof example === 'string' ? example : JSON.stringify(example),
    ]),
  )
  return query.size === 0 ? '' : `?${query.toString()}`
}

function answersOf({ responses = {} }: Operation): 'json' | 'stream' | 'nothing' {
  const [, good] = Object.entries(responses).find(([status]) => status.startsWith('2')) ?? []
  const types = Object.keys(good?.content ?? {})
  if (types.includes('text/event-stream')) return 'stream'
  return types.length === 0 ? 'nothing' : 'json'
}
