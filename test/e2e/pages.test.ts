import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core'
import { eventually, freshNumber, startTestServer, type TestServer } from '../server.ts'
import { launchBrowser } from './browser.ts'

interface Look {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly colorScheme: 'light' | 'dark'
  readonly locale: string
}

const looks: readonly Look[] = [
  { name: 'desktop, light, English', width: 1280, height: 900, colorScheme: 'light', locale: 'en-US' },
  { name: 'desktop, dark, Indonesian', width: 1280, height: 900, colorScheme: 'dark', locale: 'id-ID' },
  { name: 'phone, light, Spanish', width: 390, height: 844, colorScheme: 'light', locale: 'es-MX' },
  { name: '320 px, dark, Portuguese', width: 320, height: 640, colorScheme: 'dark', locale: 'pt-BR' },
]

describe('the pages in a browser', () => {
  let server: TestServer
  let browser: Browser
  before(async () => {
    assert.ok(existsSync(new URL('../../console/dist/index.html', import.meta.url)), 'the console is built by npm ci')
    server = await startTestServer({ CENTANG_LOG_LEVEL: 'error' })
    // The demo shows its key to the page; this server is none, so the page asks for it.
    browser = await launchBrowser()
  })
  after(async () => {
    await browser.close()
    await server.stop()
  })

  async function open(look: Look): Promise<{ context: BrowserContext; page: Page; faults: string[] }> {
    const context = await browser.newContext({
      viewport: look,
      colorScheme: look.colorScheme,
      locale: look.locale,
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const page = await context.newPage()
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    // A refusal of the API is shown on the page; Chromium notes it as an error too.
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !/status of 4\d\d/.test(message.text()))
        faults.push(message.text())
    })
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url) && !request.url().startsWith('data:'))
        faults.push(`calls ${request.url()}`)
    })
    await page.goto(server.url)
    await page
      .locator('input[type=password]')
      .fill(server.key, { timeout: 10_000 })
      .catch(async (error: unknown) => {
        throw new Error(`The page did not come up: ${faults.join(' ')} ${(await page.content()).slice(0, 2000)}`, {
          cause: error,
        })
      })
    return { context, page, faults }
  }

  const phoneIn = async (page: Page): Promise<Frame> =>
    eventually(async () => page.frame({ url: /simulator\/phone/ }) ?? undefined)
  const codeField = 'input[autocomplete=one-time-code]'
  const noSidewaysScroll = async (page: Page): Promise<void> => {
    assert.equal(
      await page.evaluate('document.documentElement.scrollWidth <= innerWidth'),
      true,
      'the page scrolls sideways',
    )
  }

  for (const look of looks) {
    it(`verify a number: ${look.name}`, async () => {
      const { context, page, faults } = await open(look)
      const to = freshNumber()
      await noSidewaysScroll(page)
      await page.locator('input[type=tel]').fill(to)
      await page.locator('form button[type=submit]').click()
      await page.locator(codeField).fill('000 000')
      await page.locator('form button[type=submit]').click()
      await page.locator('[role=alert]', { hasText: '4' }).waitFor()
      assert.equal(await page.locator(codeField).inputValue(), '000 000', 'what was typed is still there')
      await noSidewaysScroll(page)

      const phone = await phoneIn(page)
      await phone.locator('.row').first().click()
      await phone.locator('button[data-button=copy_code]').click()
      const code = (await phone.locator('.bubble strong').textContent()) ?? ''
      assert.match(code, /^\d{6}$/)
      await eventually(async () => (await page.evaluate('navigator.clipboard.readText()')) === code)
      await page.locator(codeField).fill(`${code.slice(0, 3)}-${code.slice(3)}`)
      await page.locator('form button[type=submit]').click()
      await page.locator('h2:focus').waitFor()
      const { body } = await server.call('GET', `/v1/verifications?to=${encodeURIComponent(to)}`)
      assert.equal(body.data[0].status, 'approved')
      await noSidewaysScroll(page)
      assert.deepEqual(faults, [])
      await context.close()
    })
  }

  const desktop = looks[0] as Look

  it('can be used by keyboard alone', async () => {
    const { context, page } = await open(desktop)
    const to = freshNumber()
    await page.locator('input[type=tel]').fill(to)
    await page.keyboard.press('Enter')
    await page.locator(`${codeField}:focus`).waitFor()
    const phone = await phoneIn(page)
    const code = await eventually(
      async () =>
        (
          await phone
            .locator('.row-last')
            .first()
            .textContent({ timeout: 500 })
            .catch(() => null)
        )?.match(/\d{6}/)?.[0],
    )
    await page.keyboard.type(code)
    await page.keyboard.press('Enter')
    await page.locator('h2:focus', { hasText: 'Verified' }).waitFor()
    await context.close()
  })

  it('send by another channel, and count down to the next sending', async () => {
    const { context, page } = await open(desktop)
    await page.locator('input[type=tel]').fill(freshNumber())
    await page.locator('form button[type=submit]').click()
    const again = page.locator('button', { hasText: /Send again in \d+ s/ })
    await again.waitFor()
    assert.equal(await again.isDisabled(), true)
    await page.locator('button', { hasText: 'Send by SMS' }).click()
    await page.locator('[role=status]', { hasText: 'Sent by SMS.' }).waitFor()
    const phone = await phoneIn(page)
    await phone.locator('.tab-sms .badge').waitFor()
    await context.close()
  })

  it('explain what is wrong beside the field', async () => {
    const { context, page } = await open(desktop)
    await page.locator('input[type=tel]').fill('12')
    await page.locator('form button[type=submit]').click()
    await page.locator('[role=alert]', { hasText: 'country code' }).waitFor()
    await page.locator('input[type=password]').fill('ck_test_wrong0000')
    await page.locator('input[type=tel]').fill(freshNumber())
    await page.locator('form button[type=submit]').click()
    await page.locator('[role=alert]', { hasText: 'The key is unknown.' }).waitFor()
    await context.close()
  })

  it('fill the code in where the phone has the app', async () => {
    const { context, page } = await open(desktop)
    const to = freshNumber()
    await page.locator('input[type=tel]').fill(to)
    await page.locator('form button[type=submit]').click()
    await page.locator(codeField).waitFor()
    await page.evaluate(`new BroadcastChannel('centang-autofill').postMessage({ to: '${to}', code: '135790' })`)
    await eventually(async () => (await page.locator(codeField).inputValue()) === '135790')
    await context.close()
  })

  it('show the phone by itself, live, with its switches', async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 800 }, locale: 'en' })
    const page = await context.newPage()
    const to = freshNumber()
    await page.goto(`${server.url}/simulator/phone?to=${encodeURIComponent(to)}`)
    await page.locator('.empty').waitFor()
    await page.locator('label', { hasText: 'Has WhatsApp' }).locator('input').uncheck()
    await eventually(async () => (await server.simulate('GET', `/handsets/${to}`)).body.whatsapp === false)
    await server.call('POST', '/v1/verifications', { to })
    await page.locator('.banner', { hasText: 'SMS' }).click()
    await page.locator('.chat-sms .bubble', { hasText: 'Demo Bank: your code is' }).waitFor()
    await noSidewaysScroll(page)
    await context.close()
  })

  it('show the reference without calling anybody else', async () => {
    const page = await browser.newPage()
    const calls: string[] = []
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url) && !/^(data|blob):/.test(request.url())) calls.push(request.url())
    })
    await page.goto(`${server.url}/docs`)
    await page.locator('text=Start a verification').first().waitFor({ timeout: 20_000 })
    assert.deepEqual(calls, [])
    await page.close()
  })
})
