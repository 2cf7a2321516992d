import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bundle } from '../../sdk/bundle.ts'
import { CentangRefusal, createClient, type Verification } from '../../sdk/src/client.ts'
import type { Server } from '../kit/api.ts'

export interface Shop {
  readonly url: string
  close(): Promise<void>
}

const style = `:root { color-scheme: light dark } body { margin: 1.5rem; background: Canvas; color: CanvasText; font: 1rem/1.5 system-ui, sans-serif }
  h1 { font-size: 1.4rem } main { max-width: 30rem }`

/** What a page has that does not think of Enter. */
const withoutListener = (script: string): string => script.replace(/document.querySelector\('form'\)[^]*?\n}\)\n/, '')

const pageOf = (script: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Shop</title><meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/page.css"></head>
<body><main><h1>Confirm your number</h1><form><otp-field name="code" required></otp-field><div id="root"></div><button type="submit">OK</button></form></main>
<script type="module" src="/${script}"></script></body></html>`

/** What a business writes around the field; its number and language come from the address. */
const plainPage = `
import './otp-field/otp-field.ts'
const query = new URLSearchParams(location.search)
const field = document.querySelector('otp-field')
field.lang = query.get('lang') ?? 'en'
let id
const call = async (name, body) => {
  const answer = await fetch('/api/' + name, { method: 'POST', body: JSON.stringify({ id, ...body }) })
  const outcome = await answer.json()
  id = outcome.id ?? id
  field.show(outcome)
}
const start = () => call('start', { to: query.get('to') })
globalThis.completed = []
field.addEventListener('complete', ({ detail }) => {
  completed.push(detail.code)
  field.setAttribute('busy', '')
  void call('check', { code: detail.code })
})
field.addEventListener('resend', ({ detail }) => void (detail.isOver ? start() : call('resend')))
field.addEventListener('channel', ({ detail }) => void call('next', { channel: detail.channel }))
document.querySelector('form').addEventListener('submit', (event) => {
  event.preventDefault()
  globalThis.submitted = new FormData(event.target).get('code')
})
if (query.has('to')) await start()
globalThis.isReady = true
`

/** Without a server in between once the token is there: the page asks Centang itself, which is another origin. */
const ownPage = `
import { CentangRefusal, createBrowserClient } from './browser.ts'
import './otp-field/otp-field.ts'
const query = new URLSearchParams(location.search)
const field = document.querySelector('otp-field')
const answer = await fetch('/api/token', { method: 'POST', body: JSON.stringify({ to: query.get('to') }) })
const own = createBrowserClient({ ...(await answer.json()), retryCountMax: 0 })
const show = (asked) => asked.then((outcome) => field.show(outcome), (refusal) => {
  if (!(refusal instanceof CentangRefusal)) throw refusal
  field.show(refusal)
})
field.addEventListener('complete', ({ detail }) => void show(own.check(detail.code)))
field.addEventListener('resend', () => void show(own.resend()))
field.addEventListener('channel', ({ detail }) => void show(own.next({ channel: detail.channel })))
const read = await own.get()
globalThis.shownTo = read.to
field.show(read)
`

/** The same with the React wrapper. */
const reactPage = `
import { createElement, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { OtpField } from './react.ts'
const query = new URLSearchParams(location.search)
document.querySelector('otp-field').remove()
let id
const call = async (name, body) => {
  const answer = await fetch('/api/' + name, { method: 'POST', body: JSON.stringify({ id, ...body }) })
  const outcome = await answer.json()
  id = outcome.id ?? id
  return outcome
}
const first = await call('start', { to: query.get('to') })
function Page() {
  const [outcome, setOutcome] = useState(first)
  const [busy, setBusy] = useState(false)
  const check = async (code) => {
    setBusy(true)
    setOutcome(await call('check', { code }))
    setBusy(false)
  }
  return createElement(OtpField, {
    name: 'code', lang: 'pt-BR', label: 'Código da loja', outcome, busy, channels: ['sms'], onComplete: check,
    onChannel: async (channel) => setOutcome(await call('next', { channel })),
  })
}
createRoot(document.querySelector('#root')).render(createElement(Page))
`

/** A business's own server: it has the key, and passes on what the field shows and no more. */
export async function openShop(centang: Server): Promise<Shop> {
  const { verifications } = createClient({ baseUrl: centang.url, apiKey: centang.key, retryCountMax: 0 })
  const files: Record<string, readonly [type: string, text: string]> = {
    '/': ['text/html', pageOf('plain.js')],
    '/bare': ['text/html', pageOf('bare.js')],
    '/react': ['text/html', pageOf('react.js')],
    '/own': ['text/html', pageOf('own.js')],
    '/page.css': ['text/css', style],
    '/plain.js': ['text/javascript', await bundle(plainPage)],
    '/bare.js': ['text/javascript', await bundle(withoutListener(plainPage))],
    '/own.js': ['text/javascript', await bundle(ownPage)],
    '/react.js': ['text/javascript', await bundle(reactPage)],
  }
  const shown = ({ id, status, channel, resend_in_seconds, workflow, checks_remaining }: Verification) => ({
    id,
    status,
    channel,
    resend_in_seconds,
    workflow,
    checks_remaining,
  })
  const calls: Record<string, (body: { id: string; to: string; code: string; channel: 'sms' }) => Promise<object>> = {
    start: async ({ to }) => shown(await verifications.start({ to })),
    token: async ({ to }) => {
      const { id } = await verifications.start({ to })
      return { baseUrl: centang.url, token: (await verifications.createClientToken(id)).token }
    },
    check: ({ id, code }) => verifications.check(id, code),
    resend: async ({ id }) => shown(await verifications.resend(id)),
    next: async ({ id, channel }) => shown(await verifications.next(id, { channel })),
  }
  const answer = async (request: IncomingMessage): Promise<readonly [string, string] | undefined> => {
    const path = request.url?.split('?')[0] ?? ''
    const call = calls[path.replace('/api/', '')]
    if (!call) return files[path]
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const outcome = await call(JSON.parse(Buffer.concat(chunks).toString())).catch((error: unknown) => {
      if (!(error instanceof CentangRefusal)) throw error
      return { code: error.code, retryAfterSeconds: error.retryAfterSeconds }
    })
    return ['application/json', JSON.stringify(outcome)]
  }
  const server = createServer((request, response) => {
    void answer(request).then((found) => {
      const [type, text] = found ?? ['text/plain', 'not here']
      response.writeHead(found ? 200 : 404, {
        'content-type': `${type}; charset=utf-8`,
        // The strictest there is: the field must get along with it.
        'content-security-policy': `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ${centang.url}; require-trusted-types-for 'script'`,
      })
      response.end(text)
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  // A test that fails before it closes this still ends.
  server.unref()
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}
