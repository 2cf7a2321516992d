import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { refusalOf, refusals } from '../kit/refusals.ts'
import { type RawAnswer, sendRaw } from '../kit/raw-http.ts'
import { freshNumber } from '../kit/api.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'

const metricsToken = 'a-token-for-the-metrics-page'

describe('every answer', { concurrency: true }, () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer({ CENTANG_METRICS_TOKEN: metricsToken })
  })
  after(() => server.stop())

  const isProblem = (answer: RawAnswer, code: string): void => {
    assert.equal(answer.headers.get('content-type'), 'application/problem+json')
    assert.deepEqual([answer.status, answer.body.code], [refusalOf(code).status, code])
    assert.match(answer.body.request_id, /^req_[0-9a-f]{32}$/)
    assert.equal(answer.headers.get('x-request-id'), answer.body.request_id)
  }

  it('to a URL that is none is a problem, and does not repeat it', async () => {
    for (const path of ['/v1/verifications/%', '/%zz?x=secret-canary', '/v1/verifications?purpose=a%00b', '/%00']) {
      const answer = await sendRaw(server.url, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
      isProblem(answer, 'request_unreadable')
      assert.ok(!JSON.stringify(answer.body).includes('canary'))
    }
  })

  it('to an address that nobody knows is a page for a browser, in its language, and a problem for a program', async () => {
    const ask = (accept: string, language: string) =>
      fetch(`${server.url}/nowhere?x=canary`, { headers: { accept, 'accept-language': language } })
    const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
    for (const [language, title] of [
      ['en-GB', 'There is no such page'],
      ['id', 'Halaman tidak ditemukan'],
      ['es-MX,es;q=0.9', 'Esta página no existe'],
      ['pt-BR', 'Esta página não existe'],
    ] as const) {
      const answer = await ask(browser, language)
      const html = await answer.text()
      assert.deepEqual([answer.status, answer.headers.get('content-type')], [404, 'text/html; charset=utf-8'])
      assert.ok(html.includes(`<title>${title}</title>`) && html.includes('class="button" href="/"'), html)
      assert.ok(!html.includes('canary'))
    }
    for (const program of ['*/*', 'application/json', 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2'])
      assert.equal((await ask(program, 'en')).headers.get('content-type'), 'application/problem+json', program)
  })

  it('that explains refusals stands in the frame of the reference, in the font of the server', async () => {
    const html = await (await fetch(`${server.url}/errors`)).text()
    assert.match(html, /<nav><a href="\/">← Centang<\/a><a href="\/docs">API reference<\/a><\/nav>/)
    assert.match(html, /<section id="route_not_found">/)
    const font = await fetch(`${server.url}/fonts/inter.woff2`)
    assert.equal(font.headers.get('content-type'), 'font/woff2')
    assert.equal(Buffer.from(await font.arrayBuffer()).toString('latin1', 0, 4), 'wOF2')
  })

  it('to what is not HTTP, or too much of it, is a problem', async () => {
    isProblem(await sendRaw(server.url, 'WHAT EVER\r\n\r\n'), 'request_unreadable')
    isProblem(await sendRaw(server.url, 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'), 'request_unreadable')
    const headers = `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`
    isProblem(await sendRaw(server.url, headers), 'headers_too_large')
  })

  it('to headers that do not come is given after ten seconds', async () => {
    const answer = await sendRaw(server.url, 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ')
    isProblem(answer, 'request_too_slow')
    assert.ok(answer.tookMs > 9000 && answer.tookMs < 13_500, `${answer.tookMs} ms`)
  })

  it('to a body that does not come is given after fifteen seconds', async () => {
    const head = `POST /v1/verifications HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.key}\r\n`
    const answer = await sendRaw(server.url, `${head}Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{"to"`)
    isProblem(answer, 'request_too_slow')
    assert.ok(answer.tookMs > 14_000 && answer.tookMs < 18_500, `${answer.tookMs} ms`)
  })

  it('names a type that this server explains', async () => {
    const { body } = await server.call('GET', '/v1/nothing')
    const type = new URL(body.type, server.url)
    const page = await fetch(type)
    assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
    const text = await page.text()
    assert.ok(text.includes(`id="${type.hash.slice(1)}"`))
    for (const code of Object.keys(refusals)) assert.ok(text.includes(`id="${code}"`), code)
  })

  it('tells the quota of sends, and when it is whole again, when it allows and when it refuses', async () => {
    const to = freshNumber()
    const quotaOf = ({ headers }: { headers: Headers }) =>
      ['limit', 'remaining', 'reset'].map((name) => Number(headers.get(`ratelimit-${name}`)))
    const started = await server.call('POST', '/v1/verifications', { to })
    assert.deepEqual(quotaOf(started).slice(0, 2), [5, 4])
    // Four minutes later the window has six minutes left.
    await server.database.query(
      `update recipient set sent_at = array(select s - interval '4 minutes' from unnest(sent_at) s) where person in (select v.person from verification v where v.recipient = $1)`,
      [to],
    )
    await server.call('POST', `/v1/verifications/${started.body.id}/cancel`)
    const again = await server.call('POST', '/v1/verifications', { to })
    const [, remaining, reset] = quotaOf(again)
    assert.equal(remaining, 3)
    assert.ok(reset !== undefined && reset > 340 && reset <= 360, `reset ${reset}`)
    const soon = await server.call('POST', `/v1/verifications/${again.body.id}/resend`, {})
    assert.deepEqual([soon.body.code, quotaOf(soon)[0], quotaOf(soon)[1]], ['resend_too_soon', 5, 3])

    await server.database.query(
      `update recipient set sent_at = array(select now() - interval '9 minutes' from generate_series(1, 5)) where person in (select v.person from verification v where v.recipient = $1)`,
      [to],
    )
    const refused = await server.call('POST', '/v1/verifications', { to, purpose: 'other' })
    assert.equal(refused.body.code, 'send_limit_reached')
    assert.deepEqual(quotaOf(refused).slice(0, 2), [5, 0])
    const wait = Number(refused.headers.get('retry-after'))
    assert.ok(wait > 40 && wait <= 60, `retry after ${wait}`)
    assert.equal(quotaOf(refused)[2], wait)
  })

  it('to a cursor that is none says so', async () => {
    const { status, body } = await server.call('GET', '/v1/verifications?cursor=ver_1')
    assert.deepEqual([status, body.code, body.errors[0].path], [400, 'body_invalid', 'querystring/cursor'])
    const page = await server.call('GET', '/v1/verifications?limit=1')
    assert.equal(page.status, 200)
    for (const limit of ['0', '101', 'ten', '1.5', '']) {
      const refused = await server.call('GET', `/v1/verifications?limit=${limit}`)
      assert.deepEqual([refused.status, refused.body.code], [400, 'body_invalid'], limit)
    }
  })

  it('about metrics asks for their token', async () => {
    const ask = async (authorization?: string) => {
      const answer = await fetch(`${server.url}/metrics`, { headers: authorization ? { authorization } : {} })
      return [answer.status, ((await answer.text()).match(/"code":"(\w+)"/) ?? [])[1]]
    }
    assert.deepEqual(await ask(), [401, 'credentials_missing'])
    assert.deepEqual(await ask('Bearer a-token-for-the-metrics-pagE'), [401, 'credentials_invalid'])
    assert.deepEqual(await ask(`Bearer ${server.key}`), [401, 'credentials_invalid'])
    assert.deepEqual(await ask(`Bearer ${metricsToken}`), [200, undefined])
  })
})

describe('the address of who is refused', () => {
  const addressLogged = async (hops: string, forwarded: string): Promise<unknown> => {
    const server = await startTestServer({ CENTANG_TRUSTED_PROXY_HOPS: hops })
    try {
      await server.call('GET', '/v1/verifications', undefined, {
        authorization: 'Bearer ck_test_wrong0000',
        'x-forwarded-for': forwarded,
      })
      const line = server.logged.join('').match(/^.*credentials refused.*$/m)?.[0] ?? '{}'
      return (JSON.parse(line) as { ip?: unknown }).ip
    } finally {
      await server.stop()
    }
  }

  it('is believed from as many proxies as are trusted, and from nobody else', async () => {
    const found = await Promise.all([
      addressLogged('0', '198.51.100.7'),
      addressLogged('1', '203.0.113.9, 198.51.100.7'),
    ])
    assert.deepEqual(found, ['127.0.0.1', '198.51.100.7'])
  })
})
