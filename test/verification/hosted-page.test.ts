import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { readReturnUrl } from '#verification/http/hosted-page.ts'
import { bearer, codeOn, freshNumber, operatorKey, wrongCode } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'

describe('the hosted page', () => {
  let server: SharedServer
  before(async () => {
    server = await sharedServer()
  })
  after(() => server.stop())

  const nonce = 'n-0S6WzA2Mj-QpLb7t4xYw'

  async function begin(
    body: object = { return_url: 'https://shop.example/verified?order=7', nonce },
    start: object = {},
  ) {
    const to = freshNumber()
    const { body: verification } = await server.call('POST', '/v1/verifications', { to, ...start })
    const made = await server.call('POST', `/v1/verifications/${verification.id}/hosted_page`, body)
    assert.equal(made.status, 201)
    return { to, id: verification.id as string, url: made.body.url as string, code: await codeOn(server, to) }
  }

  const get = (url: string) => fetch(url, { redirect: 'manual' })
  const post = (url: string, fields: Record<string, string>) =>
    fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })

  const resultOf = (answer: Response): Promise<Record<string, unknown>> =>
    readResult(answer.headers.get('location') as string)

  async function readResult(address: string): Promise<Record<string, unknown>> {
    const token = new URL(address).searchParams.get('centang_result') as string
    const keys = (await (await fetch(`${server.url}/.well-known/jwks.json`)).json()) as Parameters<
      typeof createLocalJWKSet
    >[0]
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), { issuer: server.url })
    return payload
  }

  it('takes the code and leads back with a result that another library verifies', async () => {
    const { to, id, url, code } = await begin()
    const page = await get(url)
    assert.equal(page.status, 200)
    const html = await page.text()
    assert.match(html, /autocomplete="one-time-code"/)
    assert.ok(!html.includes(to), 'the whole number is shown to nobody')
    const wrong = await post(url, { code: wrongCode(code) })
    assert.equal(wrong.status, 200)
    assert.match(await wrong.text(), /role="alert"[^>]*>That code is wrong\. 4 tries are left\./)
    const right = await post(url, { code: `${code.slice(0, 3)} ${code.slice(3)}` })
    assert.equal(right.status, 303)
    const location = new URL(right.headers.get('location') as string)
    assert.deepEqual([location.origin, location.searchParams.get('order')], ['https://shop.example', '7'])
    const { iat, exp, ...claims } = await resultOf(right)
    assert.equal((exp as number) - (iat as number), 300)
    assert.deepEqual(
      { ...claims, aud: undefined },
      {
        iss: server.url,
        aud: undefined,
        sub: to,
        jti: id,
        nonce,
        verification_id: id,
        status: 'approved',
        purpose: 'verification',
        test: true,
      },
    )
    assert.match(await (await get(url)).text(), /Confirmed/)
  })

  it('tells the result to the browser that brought the code, and to no other that holds the link', async () => {
    const { url, code } = await begin()
    const right = await post(url, { code })
    const [cookie = ''] = (right.headers.get('set-cookie') ?? '').split(';')
    assert.match(
      right.headers.get('set-cookie') ?? '',
      /; Path=\/verify\/ver_[0-9a-f]{32}; Max-Age=\d+; HttpOnly; SameSite=Lax$/,
    )
    const seen = async (headers: Record<string, string>) =>
      (await (await fetch(url, { headers })).text()).includes('centang_result')
    assert.equal(await seen({}), false, 'whoever had the link first')
    assert.equal(await seen({ cookie: `a=b; ${cookie}` }), true, 'after a reload')
    const [other, forged] = [await begin(), cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))]
    const { headers } = await post(other.url, { code: other.code })
    assert.equal(await seen({ cookie: forged }), false)
    assert.equal(await seen({ cookie: (headers.get('set-cookie') ?? '').split(';')[0] ?? '' }), false)
    const again = await post(url, { code })
    assert.equal(again.status, 200, 'a code is right once')
    assert.ok(!(await again.text()).includes('centang_result'))
  })

  it('leads back only with a nonce, by which the session knows its own result', async () => {
    const { body } = await server.call('POST', '/v1/verifications', { to: freshNumber() })
    for (const wrong of [undefined, '', 'short', 'x'.repeat(201), 'with space-------']) {
      const answer = await server.call('POST', `/v1/verifications/${body.id}/hosted_page`, {
        return_url: 'https://shop.example/verified',
        ...(wrong !== undefined && { nonce: wrong }),
      })
      assert.deepEqual([answer.status, answer.body.errors?.[0].path], [400, 'body/nonce'], wrong)
    }
  })

  it('stays within the workflow', async () => {
    const { to, url } = await begin({}, { channel: 'whatsapp' })
    await post(url, { channel: 'sms' })
    const { body } = await server.simulate('GET', `/handsets/${to}/messages`)
    assert.deepEqual(
      body.messages.map(({ channel }: { channel: string }) => channel),
      ['whatsapp'],
    )
  })

  it('gives the number to nobody who did not prove it, neither on the page nor on the way back', async () => {
    const { to, url, code } = await begin()
    for (let check = 0; check < 5; check++) await post(url, { code: wrongCode(code) })
    const html = await (await get(url)).text()
    const [, back = ''] = /class="button" href="([^"]+)"/.exec(html) ?? []
    const claims = await readResult(back.replaceAll('&amp;', '&'))
    assert.equal(claims['status'], 'blocked')
    assert.ok(!('sub' in claims) && !JSON.stringify(claims).includes(to.slice(1)), JSON.stringify(claims))
    assert.ok(!html.includes(to.slice(1)))
  })

  it('sends by no channel that its verification does not have', async () => {
    const { id, url } = await begin({}, { workflow: [{ channel: 'whatsapp' }] })
    await post(url, { again: '1', channel: 'sms' })
    const { body } = await server.call('GET', `/v1/verifications/${id}`)
    assert.deepEqual(
      body.deliveries.map(({ channel }: { channel: string }) => channel),
      ['whatsapp'],
    )
  })

  it('wears the colour and the logo of the business, and its title says where things stand', async () => {
    const business = await server.freshBusiness()
    const as = bearer(business.key)
    const path = `/v1/applications/${business.application}`
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
    const logo = `data:image/png;base64,${png}`
    for (const wrong of [
      { color: 'red' },
      { color: '#fff;}body{display:none' },
      { logo: 'https://shop.example/logo.png' },
      { logo: 'data:image/svg+xml;base64,PHN2Zz4=' },
      { logo: `data:image/jpeg;base64,${png}` },
      {
        logo: `data:image/png;base64,${Buffer.concat([Buffer.from(png, 'base64'), Buffer.alloc(12_288)]).toString('base64')}`,
      },
    ])
      assert.equal((await server.call('PATCH', path, wrong, as)).status, 400, JSON.stringify(wrong).slice(0, 60))
    const changed = await server.call('PATCH', path, { brand: 'Toko Budi', color: '#ffd400', logo }, as)
    assert.deepEqual([changed.status, changed.body.color, changed.body.has_logo], [200, '#ffd400', true])
    const { body: started } = await server.call('POST', '/v1/verifications', { to: freshNumber(), code_length: 8 }, as)
    const made = await server.call('POST', `/v1/verifications/${started.id}/hosted_page`, {}, as)
    const html = await (await get(made.body.url)).text()
    assert.match(html, /<title>Enter the code – Toko Budi<\/title>/)
    assert.match(html, /--fill: #ffd400; --on-brand: #000;/)
    assert.ok(html.includes(`<img src="${logo}" alt="">`))
    assert.match(html, /placeholder="–{8}"/)
    await server.call('POST', `/v1/verifications/${started.id}/cancel`, {}, as)
    const over = await (await get(made.body.url)).text()
    assert.match(over, /<title>This verification was cancelled – Toko Budi<\/title>/)
    const bare = await server.call('PATCH', path, { color: null, logo: null }, as)
    assert.deepEqual([bare.body.color, bare.body.has_logo], [null, false])
  })

  it('shows what is authorised and checks it with the code', async () => {
    const transaction = { amount: '120.50', currency: 'EUR', payee: 'Café <b>Sol</b>' }
    const { url, code } = await begin({ return_url: 'https://shop.example/paid', nonce }, { transaction, locale: 'es' })
    const html = await (await get(url)).text()
    assert.match(html, /<html lang="es">/)
    assert.match(html, /120,50/)
    assert.ok(html.includes('Café &lt;b&gt;Sol&lt;/b&gt;') && !html.includes('<b>Sol'))
    const answer = await post(url, { code })
    assert.equal(answer.status, 303)
    assert.deepEqual((await resultOf(answer))['transaction'], transaction)
  })

  it('says when it is too soon to send again, and when nothing is left', async () => {
    const { url, code } = await begin({}, { channel: 'whatsapp' })
    assert.match(await (await post(url, { again: '1' })).text(), /a moment ago.* Try again in a minute/)
    for (let tries = 0; tries < 5; tries++) await post(url, { code: wrongCode(code) })
    const over = await get(url)
    assert.match(await over.text(), /no more tries/)
    assert.match(await (await post(url, { code })).text(), /no more tries/)
  })

  it('asks for digits', async () => {
    const { url } = await begin()
    for (const code of ['', 'abc', '<script>']) assert.match(await (await post(url, { code })).text(), /only digits/)
  })

  it('opens with the ticket of that verification and nothing else', async () => {
    const [one, other] = [await begin(), await begin()]
    const ticket = new URL(one.url).searchParams.get('t') as string
    const [payload = '', mac = ''] = ticket.split('.')
    const fields = JSON.parse(Buffer.from(payload, 'base64url').toString()) as unknown[]
    fields[3] = 'https://evil.example/'
    const forged = `${Buffer.from(JSON.stringify(fields)).toString('base64url')}.${mac}`
    const base = one.url.split('?')[0] as string
    for (const t of ['', 'x', '.', forged, `${payload}.`, `${payload}.${mac}x`, ticket.slice(0, -2)]) {
      const answer = await get(`${base}?t=${t}`)
      assert.equal(answer.status, 404, t)
      assert.match(await answer.text(), /no longer valid/)
    }
    assert.equal((await get(`${other.url.split('?')[0]}?t=${ticket}`)).status, 404)
    assert.equal((await post(`${other.url.split('?')[0]}?t=${ticket}`, { code: other.code })).status, 404)
  })

  it('may be framed by nobody, or by the one origin that was named', async () => {
    const policyOf = async (body: object) => (await get((await begin(body)).url)).headers.get('content-security-policy')
    assert.match((await policyOf({})) as string, /frame-ancestors 'none'/)
    const named = (await policyOf({ frame_origin: 'https://shop.example/anything' })) as string
    assert.match(named, /frame-ancestors https:\/\/shop\.example$/)
    assert.match(named, /form-action 'self';/)
    const dotted = (await policyOf({ frame_origin: 'https://shop.example.' })) as string
    assert.match(dotted, /frame-ancestors https:\/\/shop\.example$/, 'the same host')
    assert.match(
      (await policyOf({ return_url: 'https://shop.example/x', nonce })) as string,
      /form-action 'self' https:\/\/shop\.example;/,
    )
  })

  it('leads nowhere that is not https, nor to somebody else’s domain', async () => {
    const { body } = await server.call('POST', '/v1/verifications', { to: freshNumber() })
    const ask = (key: string, id: string, return_url: string) =>
      server.call('POST', `/v1/verifications/${id}/hosted_page`, { return_url, nonce }, bearer(key))
    for (const url of [
      'javascript:alert(1)',
      'http://shop.example',
      '//shop.example',
      'https://a:b@shop.example',
      'x',
    ]) {
      const refused = await ask(server.key, body.id, url)
      assert.deepEqual([refused.status, refused.body.errors?.[0].path], [400, 'body/return_url'], url)
    }
    assert.equal((await ask(server.key, body.id, 'http://localhost:8080/back')).status, 201)
    // It would stand in a header: nothing but one host.
    for (const host of ['*', '*.shop.example', 'shop.example;sandbox', "'self'", 'a,b', 'shop.*.example']) {
      for (const field of ['frame_origin', 'return_url']) {
        const path = `/v1/verifications/${body.id}/hosted_page`
        const refused = await server.call('POST', path, { [field]: `https://${host}/`, nonce: 'nonce-of-this-start' })
        assert.deepEqual([refused.status, refused.body.errors?.[0].path], [400, `body/${field}`], host)
      }
    }
    const { body: stranger } = await server.call('POST', '/v1/businesses', { name: 'Other' }, bearer(operatorKey))
    assert.equal((await ask(stranger.api_key, body.id, 'https://shop.example')).status, 404)
  })

  it('leads, when it is live, only below the domain of the application', () => {
    const judge = (url: string, live: boolean, domain?: string) => () =>
      readReturnUrl(url, live, domain === undefined ? undefined : ({ domain } as never))
    for (const url of ['https://shop.example/a', 'https://www.shop.example/a', 'https://www.shop.example./a']) {
      assert.equal(judge(url, true, 'shop.example')(), url.replace('./', '/'))
    }
    for (const url of ['https://evilshop.example/', 'https://shop.example.evil.test/', 'http://localhost/']) {
      assert.throws(judge(url, true, 'shop.example'))
    }
    assert.equal(judge('https://elsewhere.example/', true)(), 'https://elsewhere.example/')
  })
})
