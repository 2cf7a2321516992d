/** One call of the API, with everything that a snippet says. */
export interface Call {
  readonly method: string
  readonly url: string
  readonly key: string
  readonly body: unknown
  /** What comes back: JSON, a stream of events, or nothing. */
  readonly answers: 'json' | 'stream' | 'nothing'
}

/** As Scalar reads it from `x-codeSamples` of an operation. */
export interface Snippet {
  readonly lang: string
  readonly label: string
  readonly source: string
}

/** Each is a whole program: pasted and run as it stands, it makes the call and shows the answer. */
export const snippetsOf = (call: Call): Snippet[] => [
  { lang: 'shell', label: 'curl', source: curl(call) },
  { lang: 'typescript', label: 'TypeScript', source: typescript(call) },
  { lang: 'python', label: 'Python', source: python(call) },
  { lang: 'php', label: 'PHP', source: php(call) },
  { lang: 'go', label: 'Go', source: go(call) },
]

const json = (value: unknown): string => JSON.stringify(value, null, 2)

const indent = (text: string, by: string): string => text.replaceAll('\n', `\n${by}`)

const inShell = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

function curl({ method, url, key, body, answers }: Call): string {
  const isImplied = method === (body === undefined ? 'GET' : 'POST')
  return [
    `curl ${answers === 'stream' ? '-N ' : ''}${isImplied ? '' : `-X ${method} `}${inShell(url)}`,
    `-H ${inShell(`Authorization: Bearer ${key}`)}`,
    ...(body === undefined ? [] : [`-H 'Content-Type: application/json'`, `-d ${inShell(json(body))}`]),
  ].join(' \\\n  ')
}

/** A value as TypeScript spells it: names without quotes, strings in single ones. */
function literal(value: unknown): string {
  if (typeof value === 'string') return singleQuoted(value).replaceAll('\n', String.raw`\n`)
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const members = Object.entries(value).map(
    ([name, one]) => `${/^[a-z_]\w*$/i.test(name) ? name : singleQuoted(name)}: ${literal(one)}`,
  )
  const line = `{ ${members.join(', ')} }`
  return line.length <= 70 ? line : `{\n  ${indent(members.join(',\n'), '  ')},\n}`
}

const singleQuoted = (text: string): string =>
  `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`

const typescriptShows = {
  json: `const answer = (await response.json()) as Record<string, unknown>
// Anything but 2xx is a refusal: code is for your program, title and remedy are for you.
if (!response.ok) throw new Error(\`\${answer.code}: \${answer.title} \${answer.remedy}\`)
console.log(answer)`,
  stream: `const decoder = new TextDecoder()
for await (const chunk of response.body ?? []) console.log(decoder.decode(chunk, { stream: true }))`,
  nothing: `console.log(response.status, await response.text())`,
} as const

function typescript({ method, url, key, body, answers }: Call): string {
  const settings = [
    ...(method === 'GET' ? [] : [`  method: ${singleQuoted(method)},`]),
    `  headers: {`,
    `    authorization: ${singleQuoted(`Bearer ${key}`)},`,
    ...(body === undefined ? [] : [`    'content-type': 'application/json',`]),
    `  },`,
    ...(body === undefined ? [] : [`  body: JSON.stringify(${indent(literal(body), '  ')}),`]),
  ]
  return `const response = await fetch(${singleQuoted(url)}, {\n${settings.join('\n')}\n})\n${typescriptShows[answers]}`
}

const pythonWords = { null: 'None', true: 'True', false: 'False' } as const

/** JSON is Python but for three words. */
const inPython = (value: unknown): string =>
  JSON.stringify(value, null, 4).replaceAll(
    /("(?:[^"\\]|\\.)*")|null|true|false/g,
    (found: string, text: string | undefined) => text ?? pythonWords[found as keyof typeof pythonWords],
  )

function python({ method, url, key, body, answers }: Call): string {
  const given = [
    json(url),
    `headers={"Authorization": ${json(`Bearer ${key}`)}}`,
    ...(body === undefined ? [] : [`json=${indent(inPython(body), '    ')}`]),
    ...(answers === 'stream' ? ['stream=True'] : ['timeout=10']),
  ]
  const shows =
    answers === 'stream'
      ? 'for line in response.iter_lines(decode_unicode=True):\n    print(line)'
      : `print(response.status_code, response.${answers === 'json' ? 'json()' : 'text'})`
  return `import requests\n\nresponse = requests.${method.toLowerCase()}(\n    ${given.join(',\n    ')},\n)\n${shows}`
}

/** A value as PHP spells it; only what stands in double quotes knows a line break. */
function inPhp(value: unknown): string {
  if (typeof value === 'string')
    return value.includes('\n') ? json(value).replaceAll('$', String.raw`\$`) : singleQuoted(value)
  if (typeof value !== 'object' || value === null) return String(value)
  const isList = Array.isArray(value)
  const members = Object.entries(value).map(([name, one]) => (isList ? '' : `${singleQuoted(name)} => `) + inPhp(one))
  const line = `[${members.join(', ')}]`
  return line.length <= 70 ? line : `[\n    ${indent(members.join(',\n'), '    ')},\n]`
}

function php({ method, url, key, body, answers }: Call): string {
  const headers = [`Authorization: Bearer ${key}`, ...(body === undefined ? [] : ['Content-Type: application/json'])]
  const settings = [
    ...(method === 'GET' ? [] : [`CURLOPT_CUSTOMREQUEST => ${singleQuoted(method)}`]),
    ...(answers === 'stream' ? [] : ['CURLOPT_RETURNTRANSFER => true']),
    `CURLOPT_HTTPHEADER => [\n        ${headers.map(singleQuoted).join(',\n        ')},\n    ]`,
    ...(body === undefined ? [] : [`CURLOPT_POSTFIELDS => json_encode(${indent(inPhp(body), '    ')})`]),
  ]
  const shows =
    answers === 'stream'
      ? 'curl_exec($curl);'
      : `$answer = curl_exec($curl);\necho curl_getinfo($curl, CURLINFO_RESPONSE_CODE), ' ', $answer === false ? curl_error($curl) : $answer, PHP_EOL;`
  return `<?php\n\n$curl = curl_init(${singleQuoted(url)});\ncurl_setopt_array($curl, [\n    ${settings.join(',\n    ')},\n]);\n${shows}`
}

/** JSON as it stands, unless there is a backtick in it. */
const inGo = (value: unknown): string => (json(value).includes('`') ? json(json(value)) : `\`${json(value)}\``)

const goFails = ['if err != nil {', '\tlog.Fatal(err)', '}']

function go({ method, url, key, body }: Call): string {
  const imports = ['io', 'log', 'net/http', 'os', ...(body === undefined ? [] : ['strings'])]
  const lines = [
    ...(body === undefined ? [] : [`body := strings.NewReader(${inGo(body)})`]),
    `request, err := http.NewRequest(${json(method)}, ${json(url)}, ${body === undefined ? 'nil' : 'body'})`,
    ...goFails,
    `request.Header.Set("Authorization", ${json(`Bearer ${key}`)})`,
    ...(body === undefined ? [] : ['request.Header.Set("Content-Type", "application/json")']),
    'response, err := http.DefaultClient.Do(request)',
    ...goFails,
    'defer response.Body.Close()',
    'log.Println(response.Status)',
    // Written as it comes, which is right for a stream as well.
    'if _, err := io.Copy(os.Stdout, response.Body); err != nil {',
    '\tlog.Fatal(err)',
    '}',
  ]
  const main = lines.map((line) => `\t${line}`).join('\n')
  return `package main\n\nimport (\n${imports.map((name) => `\t${json(name)}`).join('\n')}\n)\n\nfunc main() {\n${main}\n}`
}
