import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { bearer, callsOf, codeOn, eventually, freshNumber } from '../kit/api.ts'
import { debianTool } from '../kit/debian-tool.ts'
import { freePort } from '../kit/processes.ts'
import { type ReverseProxy, startNginx, startPlainProxy, type Ways } from '../kit/reverse-proxy.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'
import { launchBrowser } from './browser.ts'
import { codeField, desktop, phoneIn, sendTo, visit } from './visit.ts'

const nginx = debianTool('nginx')
const proxies: readonly [string, string | false, (ways: Ways) => Promise<ReverseProxy>][] = [
  ['nginx', nginx.skip, (ways) => startNginx(nginx.tool as NonNullable<typeof nginx.tool>, ways)],
  ['a proxy that only takes the path off', false, startPlainProxy],
]

for (const [name, skip, startProxy] of proxies) {
  describe(`under a path of ${name}`, { skip }, () => {
    let browser: Browser
    let direct: TestServer
    let proxy: ReverseProxy
    /** The same server, as the world asks it. */
    let server: TestServer
    before(async () => {
      const [port, from] = [await freePort(), new URL(`http://127.0.0.1:${await freePort()}/otp`)]
      proxy = await startProxy({ from, toPort: port })
      direct = await startTestServer({ PORT: String(port), CENTANG_PUBLIC_URL: from.href })
      server = { ...direct, url: from.href, ...callsOf(from.href, direct.key) }
      browser = await launchBrowser()
    })
    after(async () => {
      await browser.close()
      await direct.stop()
      await proxy.stop()
    })

    /** Every address that a page names leads somewhere. */
    async function linksOf(page: Page): Promise<string[]> {
      const links = await page.evaluate<string[]>(
        `[...document.querySelectorAll('[href], [src]')].map((one) => one.href ?? one.src)`,
      )
      return links.filter((link) => link.startsWith('http'))
    }

    it('the console verifies a number, with its phone beside it, and its links lead on', async () => {
      const { context, page, faults } = await visit(browser, server, desktop)
      const to = freshNumber()
      await sendTo(page, to)
      const phone = await phoneIn(page)
      await phone.locator('.row').first().click()
      const code = (await phone.locator('.bubble strong').textContent()) ?? ''
      await page.locator(codeField).fill(code)
      await page.locator('form button[type=submit]').click()
      await page.locator('h2:focus').waitFor()
      const { body } = await server.call('GET', `/v1/verifications?to=${encodeURIComponent(to)}`)
      assert.equal(body.data[0].status, 'approved')
      const links = await linksOf(page)
      assert.ok(links.includes(`${server.url}/docs`), links.join(' '))
      for (const link of links) {
        assert.match(link.slice(server.url.length), /^([/#]|$)/, `${link} is not below ${server.url}`)
        assert.ok(link.startsWith(server.url), link)
        assert.equal((await fetch(link, { headers: bearer(server.key) })).status, 200, link)
      }
      // A page of the console that is loaded anew, with its navigation.
      await page.goto(`${server.url}/console/no-such-page`)
      const first = page.locator('a.nav').first()
      await first.click()
      await page.locator('input[type=tel]').waitFor()
      assert.ok(page.url().startsWith(server.url), page.url())
      assert.deepEqual(faults, [])
      await context.close()
    })

    it('what answers name leads on: where a thing is, why it was refused, the next page', async () => {
      const started = await server.call('POST', '/v1/verifications', { to: freshNumber() })
      const location = new URL(started.headers.get('location') as string, `${server.url}/v1/verifications`)
      assert.equal((await server.call('GET', location.href.slice(server.url.length))).body.id, started.body.id)
      // The last one is refused before there is a route, and by nginx itself.
      for (const path of ['/v1/verifications/nonsense', '/nowhere', ...(name === 'nginx' ? [] : ['/v1/%'])]) {
        const refused = await server.call('GET', path)
        const type = new URL(refused.body.type, server.url + path)
        const page = await fetch(type)
        assert.deepEqual([page.status, type.pathname], [200, '/otp/errors'], path)
        assert.ok((await page.text()).includes(`id="${type.hash.slice(1)}"`), type.href)
      }
      const { body: openApi } = await server.call('GET', '/openapi.json')
      assert.deepEqual(openApi.servers, [{ url: server.url }])
      const stream = await fetch(`${server.url}/v1/events/stream`, {
        headers: { authorization: `Bearer ${server.key}` },
      })
      await server.call('POST', '/v1/verifications', { to: freshNumber() })
      for await (const chunk of stream.body ?? []) if (Buffer.from(chunk as Uint8Array).includes('event:')) break
    })

    // Seconds each, and no proxy changes anything about them.
    if (name !== 'nginx' && nginx.tool) return

    it('the reference shows snippets that reach the server, and leads back', async () => {
      // Outside the demo the phone beside the console asks for a key.
      const page = await browser.newPage({ httpCredentials: { username: 'any', password: server.key } })
      const faults: string[] = []
      page.on('pageerror', (error) => faults.push(error.message))
      page.on('response', (response) => {
        if (response.status() >= 400 && response.status() !== 401) faults.push(`${response.status()} ${response.url()}`)
      })
      await page.goto(`${server.url}/docs#tag/verifications/POST/v1/verifications`)
      await page.locator('button', { hasText: 'ShellCopy' }).first().waitFor()
      const text = await page.evaluate<string>('document.body.innerText')
      assert.ok(text.includes(`${server.url}/v1/verifications`), 'the snippet names the address')
      await page.locator('.centang-bar a').first().click()
      await page.locator('input[type=tel]').waitFor()
      assert.deepEqual(faults, [])
      await page.close()
    })

    it('the hosted page takes the code', async () => {
      const to = freshNumber()
      const { body } = await server.call('POST', '/v1/verifications', { to })
      const made = await server.call('POST', `/v1/verifications/${body.id}/hosted_page`, {
        return_url: `${server.url}/errors`,
        nonce: 'of-the-session-of-1',
      })
      assert.ok(made.body.url.startsWith(`${server.url}/verify/`), made.body.url)
      const page = await browser.newPage()
      await page.goto(made.body.url)
      await page.locator('#code').fill(await codeOn(server, to))
      await page.locator('button.button').click()
      await eventually(async () => page.url().startsWith(`${server.url}/errors?centang_result=`))
      const [, payload = ''] = (new URL(page.url()).searchParams.get('centang_result') ?? '').split('.')
      const { iss } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { iss: string }
      assert.equal(iss, server.url)
      assert.equal((await fetch(`${iss}/.well-known/jwks.json`)).status, 200)
      await page.close()
    })
  })
}
