import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { freePort } from '../processes.ts'
import { eventually, startTestServer, type TestServer } from '../server.ts'
import { launchBrowser } from './browser.ts'

describe('the API reference', () => {
  let demo: TestServer
  let browser: Browser
  let page: Page
  before(async () => {
    // The snippets name the port that was asked for.
    const PORT = String(await freePort())
    demo = await startTestServer({ CENTANG_LOG_LEVEL: 'error', PORT }, { isDemo: true })
    browser = await launchBrowser()
    const context = await browser.newContext({
      viewport: { width: 1440, height: 1000 },
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    page = await context.newPage()
    await page.goto(`${demo.url}/docs#tag/verifications/POST/v1/verifications`)
    await page.getByText('--request').first().waitFor()
  })
  after(async () => {
    await browser.close()
    await demo.stop()
  })

  it('has snippets in five languages and no others', async () => {
    await page.getByText('Shell Curl').last().click()
    const options = page.locator('[role=option]')
    await options.first().waitFor()
    const languages = await options.evaluateAll((all) => all.map((one) => one.textContent?.trim()))
    // Go's is called NewRequest after the function it uses.
    assert.deepEqual(languages, ['NewRequest', 'Fetch', 'cURL', 'Guzzle', 'http.client', 'Requests', 'Curl'])
    await page.keyboard.press('Escape')
  })

  it("copies a snippet with the demo's key, which runs as it stands", async () => {
    await page.locator('button', { hasText: 'Copy' }).filter({ hasText: 'cURL' }).first().click()
    const copied = await eventually(async () => {
      const text = await page.evaluate<string>('navigator.clipboard.readText()')
      return text.includes('/v1/verifications') && text
    })
    assert.ok(copied.includes(`Authorization: Bearer ${demo.key}`), copied.replace(demo.key, '[the key]'))
    // As somebody would who pastes it; not in the way of the server, which is in this process.
    const { stdout } = await promisify(execFile)('sh', ['-c', copied])
    const answer = JSON.parse(stdout)
    assert.deepEqual([answer.status, answer.to], ['pending', '+6281234567890'])
  })

  it('shows no key outside the demo', async () => {
    const server = await startTestServer({ CENTANG_LOG_LEVEL: 'error' })
    try {
      const html = await (await fetch(`${server.url}/docs`)).text()
      assert.ok(html.includes('hiddenClients'), 'it is configured here')
      assert.ok(!html.includes(server.key))
    } finally {
      await server.stop()
    }
  })
})
