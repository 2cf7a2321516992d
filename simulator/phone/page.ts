import type { FastifyPluginAsync } from 'fastify'
import { readdirSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'

const read = (name: string): string => readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8')

// A simulator of its own is shown by the page of a server on another port of the same machine.
const security = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self' http://127.0.0.1:* http://localhost:*",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** The phone you can hold: a page that shows one handset of the simulated world. */
export const phonePlugin: FastifyPluginAsync = async (app) => {
  const html = read('./phone.html')
  const css = styles()
  // Stripping the types costs a tenth of a second; a server that nobody looks at need not pay it.
  let scripts: ReadonlyMap<string, string> | undefined

  app.addHook('onRequest', async (_request, reply) => {
    void reply.headers({ ...security, 'cache-control': 'no-cache' })
  })
  app.get('/phone', (_request, reply) => reply.type('text/html; charset=utf-8').send(html))
  app.get('/phone/phone.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(css))
  app.get('/phone/:module', (request, reply) => {
    const script = (scripts ??= quietly(modules)).get((request.params as { module: string }).module)
    if (script === undefined)
      return reply.status(404).send({ error: { code: 'not_found', message: 'There is no such file.' } })
    return reply.type('text/javascript; charset=utf-8').send(script)
  })
}

/** One style sheet of the parts, in the order of their names. */
const styles = (): string =>
  readdirSync(new URL('./styles/', import.meta.url))
    .toSorted()
    .map((name) => read(`./styles/${name}`))
    .join('')

/** The page's modules by the name they are asked for; `main.ts` is `phone.js`. Of the types only blanks are left. */
function modules(): ReadonlyMap<string, string> {
  const names = readdirSync(new URL('./browser/', import.meta.url)).filter((name) => name.endsWith('.ts'))
  return new Map(
    names.map((name) => [
      name === 'main.ts' ? 'phone.js' : name.replace(/\.ts$/, '.js'),
      stripTypeScriptTypes(read(`./browser/${name}`)).replaceAll(/from '\.\/([\w-]+)\.ts'/g, "from './$1.js'"),
    ]),
  )
}

/** Node still calls stripping experimental, once a process; whoever started the server need not read that. */
function quietly<Result>(work: () => Result): Result {
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = () => undefined
  try {
    return work()
  } finally {
    process.emitWarning = emitWarning
  }
}
