import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { eventually, freshNumber } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import type { Browser } from 'playwright-core'
import { launchBrowser } from './browser.ts'
import { codeField, desktop, type Look, noSidewaysScroll, phoneIn, sendTo, visit } from './visit.ts'

const looks: readonly Look[] = [
  desktop,
  { name: 'desktop, dark, Indonesian', width: 1280, height: 900, colorScheme: 'dark', locale: 'id-ID' },
  { name: 'tablet, dark, English', width: 768, height: 1024, colorScheme: 'dark', locale: 'en-GB' },
  { name: 'phone, light, Spanish', width: 390, height: 844, colorScheme: 'light', locale: 'es-MX' },
  { name: '320 px, dark, Portuguese', width: 320, height: 640, colorScheme: 'dark', locale: 'pt-BR' },
]

describe('a number is verified in a browser', () => {
  let server: SharedServer
  let browser: Browser
  before(async () => {
    assert.ok(existsSync(new URL('../../console/dist/index.html', import.meta.url)), 'the console is built by npm ci')
    server = await sharedServer()
    browser = await launchBrowser()
  })
  after(async () => {
    await browser.close()
    await server.stop()
  })

  for (const look of looks) {
    it(`verify a number: ${look.name}`, async () => {
      const { context, page, faults } = await visit(browser, server, look)
      const to = freshNumber()
      await noSidewaysScroll(page)
      await sendTo(page, to)
      await page.locator(codeField).fill('000 000')
      await page.locator('form button[type=submit]').click()
      await page.locator('[role=alert]', { hasText: '4' }).waitFor()
      assert.equal(await page.locator(codeField).inputValue(), '000 000', 'what was typed is still there')
      await noSidewaysScroll(page)

      const phone = await phoneIn(page)
      await noSidewaysScroll(phone)
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

  it('can be used by keyboard alone', async () => {
    const { context, page } = await visit(browser, server, desktop)
    await page.locator('input[type=tel]').fill(freshNumber())
    await page.keyboard.press('Enter')
    await page.locator(`${codeField}:focus`).waitFor()
    const phone = await phoneIn(page)
    const lastText = async (): Promise<string | null> =>
      phone
        .locator('.row-last')
        .first()
        .textContent({ timeout: 500 })
        .catch(() => null)
    const code = await eventually(async () => (await lastText())?.match(/\d{6}/)?.[0])
    await page.keyboard.type(code)
    await page.keyboard.press('Enter')
    await page.locator('h2:focus', { hasText: 'Verified' }).waitFor()
    await context.close()
  })
})
