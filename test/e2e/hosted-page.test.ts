import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { codeOn, freshNumber, wrongCode } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { launchBrowser } from './browser.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

describe('the hosted page in a browser', () => {
  let server: SharedServer
  let browser: Browser
  before(async () => {
    ;[server, browser] = await Promise.all([sharedServer(), launchBrowser()])
  })
  after(async () => {
    await browser.close()
    await server.stop()
  })

  async function begin(start: object = {}) {
    const to = freshNumber()
    const { body } = await server.call('POST', '/v1/verifications', { to, ...start })
    // Back to a page of this server, so that the way back can be walked.
    const made = await server.call('POST', `/v1/verifications/${body.id}/hosted_page`, {
      return_url: `${server.url.replace('127.0.0.1', 'localhost')}/errors`,
      nonce: 'of-the-session-of-1',
    })
    return { url: made.body.url as string, code: await codeOn(server, to) }
  }

  async function violations(page: Page): Promise<string[]> {
    // The page's policy runs nothing of others, so the judge comes in through the debugger.
    await page.evaluate(axe)
    const { violations: found } = await page.evaluate(() => (globalThis as any).axe.run())
    return found.map((one: { id: string; nodes: { html: string }[] }) => `${one.id}: ${one.nodes[0]?.html}`)
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [width, locale] of [
      [1280, 'en'],
      [390, 'id'],
      [320, 'pt-BR'],
    ] as const) {
      it(`is usable by keyboard at ${width} px, ${colorScheme}, in ${locale}`, async () => {
        const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme })
        const page = await context.newPage()
        const faults: string[] = []
        page.on('pageerror', (error) => faults.push(error.message))
        page.on('console', (message) => {
          if (message.type() === 'error') faults.push(message.text())
        })
        const transaction = { amount: '1250000', currency: 'IDR', payee: 'Toko Budi' }
        const { url, code } = await begin({ locale, ...(width === 390 && { transaction }) })
        await page.goto(url)
        assert.deepEqual(await violations(page), [])
        const shot = process.env['SHOTS']
        if (shot) await page.screenshot({ path: `${shot}/hosted-${width}-${colorScheme}.png`, fullPage: true })
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
        assert.ok(overflow <= 0, `${overflow} px wider than the window`)
        // The code field has the focus already.
        await page.keyboard.type(wrongCode(code))
        await page.keyboard.press('Enter')
        await page.waitForSelector('[role=alert]')
        assert.deepEqual(await violations(page), [])
        if (shot) await page.screenshot({ path: `${shot}/hosted-wrong-${width}-${colorScheme}.png`, fullPage: true })
        const again = page.locator('[data-seconds]')
        assert.ok(await again.isDisabled())
        assert.match(await again.innerText(), /\d+/)
        await page.keyboard.type(`${code.slice(0, 3)} ${code.slice(3)}`)
        await page.keyboard.press('Enter')
        await page.waitForURL(/\/errors\?centang_result=/)
        await page.goto(url)
        assert.equal(await page.locator('a.button').count(), 1)
        assert.deepEqual(await violations(page), [])
        if (shot) await page.screenshot({ path: `${shot}/hosted-done-${width}-${colorScheme}.png`, fullPage: true })
        assert.deepEqual(faults, [])
        await context.close()
      })
    }
  }
})
