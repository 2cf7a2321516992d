import type { Server } from 'node:http'

/** What an example needs that is run by hand: where Centang is, a key, and a phone. */
export interface Place {
  readonly url: string
  readonly key: string
  /** E.164: of the demo's phone, or the first word behind the program's name. */
  readonly phone: string
}

/** Asks Centang once, so that whoever runs an example hears now what is missing, and not in the middle. */
export async function readPlace(): Promise<Place> {
  const { CENTANG_URL: url = 'http://127.0.0.1:3000', CENTANG_API_KEY: key = '' } = process.env
  if (key === '')
    stop(
      'CENTANG_API_KEY is not set. `npm start` prints a test key; then, in this terminal: export CENTANG_API_KEY=ck_test_…',
    )
  const headers = { authorization: `Bearer ${key}` }
  const answer = await fetch(`${url}/v1/verifications?limit=1`, { headers }).catch(() => undefined)
  if (!answer)
    stop(`Nobody answers at ${url}. Start Centang with \`npm start\`, or say where it is: export CENTANG_URL=http://…`)
  if (answer.status === 401)
    stop(`The server at ${url} does not know this CENTANG_API_KEY. The demo prints its own when it starts.`)
  return { url, key, phone: process.argv[2] ?? '+6281234567890' }
}

/** What to do, and the line to paste for it. */
export type Step = readonly [what: string, line: string]

/** Serves an example on its port, or on PORT, and tells how to try it. */
export function serveByHand(server: Server, ownPort: number, stepsAt: (own: string) => readonly Step[]): void {
  const port = Number(process.env['PORT'] ?? ownPort)
  server.on('error', () => stop(`Port ${port} is in use. Take another: PORT=${port + 10}`))
  server.listen(port, '127.0.0.1', () => {
    const steps = stepsAt(`http://127.0.0.1:${port}`)
    console.log(`\n${steps.map(([what, line]) => `${what}:\n\n${line}\n`).join('\n')}`)
  })
}

/** A line for curl, with a body. Double quotes, so that the shell puts `$ID` in. */
export const curl = (url: string, body?: object, token?: string): string =>
  `curl -sS ${url}${token === undefined ? '' : ` -H "Authorization: Bearer ${token}"`}${
    body === undefined ? '' : ` -H "Content-Type: application/json" -d ${JSON.stringify(JSON.stringify(body))}`
  }`

/** A line that keeps one member of the answer for the lines after it. */
export const keep = (name: string, member: string, line: string): string =>
  `${name}=$(${line} | sed 's/.*"${member}":"\\([^"]*\\)".*/\\1/') && echo $${name}`

/** The one thing that nobody can print in advance. */
export const codeStep = ({ url }: Place): Step => [
  `The code is on the phone, ${url}/simulator/phone. Put it in place of the 123456`,
  'CODE=123456',
]

function stop(sentence: string): never {
  console.error(sentence)
  process.exit(1)
}
