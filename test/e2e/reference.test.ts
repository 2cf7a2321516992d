import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { freePort } from '../kit/processes.ts'
import { eventually } from '../kit/api.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'
import { launchBrowser } from './browser.ts'
import { desktop, type Look, narrow, noSidewaysScroll } from './visit.ts'

const run = promisify(execFile)
const start = '/docs#tag/verifications/POST/v1/verifications'

describe('the API reference', () => {
  let demo: TestServer
  let browser: Browser
  before(async () => {
    demo = await startAt({ isDemo: true })
    browser = await launchBrowser()
  })
  after(async () => {
    await browser.close()
    await demo.stop()
  })

  // The snippets name the port that was asked for.
  const startAt = async (kind: { isDemo: boolean }): Promise<TestServer> =>
    startTestServer({ CENTANG_LOG_LEVEL: 'error', PORT: String(await freePort()) }, kind)

  async function open(server: TestServer, look: Look): Promise<{ page: Page; faults: string[] }> {
    const context = await browser.newContext({
      viewport: look,
      colorScheme: look.colorScheme,
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const page = await context.newPage()
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text())
    })
    page.on('request', (request) => {
      if (!/^(data:|blob:)/.test(request.url()) && !request.url().startsWith(server.url))
        faults.push(`calls ${request.url()}`)
    })
    await page.goto(server.url + start)
    await snippetIn(page, 'Shell').waitFor()
    return { page, faults }
  }

  /** The button that copies the snippet; its text begins with what is highlighted. */
  const snippetIn = (page: Page, highlighted: string) =>
    page.locator('button', { hasText: `${highlighted}Copy` }).first()

  const copied = async (page: Page, highlighted: string): Promise<string> => {
    await page.evaluate("navigator.clipboard.writeText('')")
    await snippetIn(page, highlighted).click()
    return eventually(async () => (await page.evaluate<string>('navigator.clipboard.readText()')) || undefined)
  }

  const choose = async (page: Page, language: string): Promise<void> => {
    await page.locator('button', { hasText: 'curl' }).first().click()
    await page.locator('[role=option]', { hasText: language }).click()
  }

  // A page of the reference takes seconds to load: what can be seen on one is looked at together.
  it("has snippets in five languages and no others; with the demo's key, and copied, they run as they stand", async () => {
    const { page } = await open(demo, desktop)
    await page.locator('button', { hasText: 'curl' }).first().click()
    const options = page.locator('[role=option]')
    await options.first().waitFor()
    const languages = await options.evaluateAll((all) => all.map((one) => one.textContent?.trim()))
    assert.deepEqual(languages, ['curl', 'TypeScript', 'Python', 'PHP', 'Go'])
    await page.keyboard.press('Escape')
    const curl = await copied(page, 'Shell')
    assert.ok(curl.includes(`Authorization: Bearer ${demo.key}`), curl.replace(demo.key, '[the key]'))
    // As somebody would who pastes it; not in the way of the server, which is in this process.
    const answer = JSON.parse((await run('sh', ['-c', curl])).stdout)
    assert.deepEqual([answer.status, answer.to], ['pending', '+6281234567890'])
    await choose(page, 'TypeScript')
    const typescript = await copied(page, 'TypeScript')
    const { stdout } = await run(process.execPath, ['--input-type=module-typescript', '--eval', typescript])
    assert.match(stdout, /to: '\+6281234567890'/)
    await page.context().close()
  })

  it("takes the reader's own test key, and no other, outside the demo", async () => {
    const server = await startAt({ isDemo: false })
    try {
      assert.ok(!(await (await fetch(`${server.url}/docs`)).text()).includes(server.key), 'it shows none by itself')
      const { page } = await open(server, desktop)
      assert.ok((await copied(page, 'Shell')).includes('ck_test_YOUR_KEY'))
      const field = page.getByLabel('Your test key')
      await field.fill(server.key.replace('test', 'live'))
      await field.press('Enter')
      await page.locator('#key:invalid').waitFor()
      await field.fill(server.key)
      await Promise.all([page.waitForEvent('load'), field.press('Enter')])
      await snippetIn(page, 'Shell').waitFor()
      assert.ok((await copied(page, 'Shell')).includes(`Bearer ${server.key}`))
      assert.equal(new URL(page.url()).hash, '#tag/verifications/POST/v1/verifications', 'where it was')
      await page.context().close()
    } finally {
      await server.stop()
    }
  })

  for (const look of [
    { ...desktop, colorScheme: 'light' },
    { ...narrow, colorScheme: 'dark' },
  ] as const) {
    it(`fits, calls and advertises nobody else, and leads back: ${look.width} wide, ${look.colorScheme}`, async () => {
      const { page, faults } = await open(demo, look)
      await noSidewaysScroll(page)
      assert.ok(await page.getByLabel('Your test key').isVisible())
      assert.doesNotMatch(await page.locator('body').innerText(), /scalar|generate mcp|deploy|configure/i)
      assert.deepEqual(faults, [])
      await page.locator('a', { hasText: '← Centang' }).click()
      await page.locator('h1', { hasText: 'Prove that this phone is yours' }).waitFor()
      await page.context().close()
    })
  }
})
