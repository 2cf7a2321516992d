import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { eventually, freshNumber } from '../kit/api.ts'
import { startTestServer } from '../kit/server.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import type { Browser } from 'playwright-core'
import { launchBrowser } from './browser.ts'
import { contrastOf } from './contrast.ts'
import { codeField, desktop, phoneIn, sendTo, visit } from './visit.ts'

describe('the pages in a browser', () => {
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

  it('send by another channel, and count down to the next sending', async () => {
    const { context, page } = await visit(browser, server, desktop)
    await sendTo(page, freshNumber())
    const again = page.locator('button', { hasText: /Send again in \d+ s/ })
    await again.waitFor()
    assert.equal(await again.getAttribute('aria-disabled'), 'true')
    await page.locator('button', { hasText: 'Send by SMS' }).click()
    await page.locator('[role=status]', { hasText: 'Sent by SMS.' }).waitFor()
    await page.locator('.mantine-Timeline-item', { hasText: 'Continuing by SMS' }).waitFor()
    const phone = await phoneIn(page)
    await phone.locator('.tab-sms .badge').waitFor()
    await context.close()
  })

  it('explain a refusal to send beside the buttons that send, once', async () => {
    const { context, page } = await visit(browser, server, desktop)
    await sendTo(page, freshNumber())
    const refusal = page.locator('.send-again [role=alert]')
    // Changing to and fro is refused when the sends are spent, at the latest.
    for (const channel of ['SMS', 'WhatsApp', 'SMS', 'WhatsApp', 'SMS']) {
      if (await refusal.isVisible()) break
      const answered = page.waitForResponse(/\/resend$/)
      await page.locator('button', { hasText: `Send by ${channel}` }).click()
      await answered
      await page.waitForTimeout(300)
    }
    const text = (await refusal.textContent()) ?? ''
    assert.equal(text.match(/Try again/g)?.length, 1, text)
    assert.notEqual(await page.locator(codeField).getAttribute('aria-invalid'), 'true', 'the code is not wrong')
    await context.close()
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`can be read and its focus seen: ${colorScheme}`, async () => {
      const { context, page } = await visit(browser, server, { ...desktop, colorScheme })
      await page.locator('input[type=tel]').focus()
      await eventually(async () => (await contrastOf(page.locator('input[type=tel]'), 'border-top-color')) >= 3)
      assert.ok((await contrastOf(page.locator('form button[type=submit]'))) >= 4.5, 'the button')
      await sendTo(page, freshNumber())
      const again = page.locator('button', { hasText: /Send again in \d+ s/ })
      assert.ok((await contrastOf(again)) >= 4.5, 'the countdown')
      const phone = await phoneIn(page)
      await phone.locator('.row').first().click()
      const placeholder = await contrastOf(phone.locator('.reply-text'), 'color', '::placeholder')
      assert.ok(placeholder >= 4.5, `the placeholder: ${placeholder}`)
      await context.close()
    })
  }

  it('explain what is wrong beside the field', async () => {
    const { context, page } = await visit(browser, server, desktop)
    await page.locator('input[type=tel]').fill('12')
    await page.locator('form button[type=submit]').click()
    await page.locator('[role=alert]', { hasText: 'country code' }).waitFor()
    await page.locator('input[type=password]').fill('ck_test_wrong0000')
    await page.locator('input[type=tel]').fill(freshNumber())
    await page.locator('form button[type=submit]').click()
    await page.locator('[role=alert]', { hasText: 'The key is unknown.' }).waitFor()
    await context.close()
  })

  it('list the numbers that misbehave, and put one in', async () => {
    const { context, page } = await visit(browser, server, desktop)
    const listed = page.locator('.magic li')
    assert.equal(await listed.first().isVisible(), false)
    await page.locator('.magic summary').click()
    const { body } = await server.simulate('GET', '/magic-numbers')
    const known = (body.magic_numbers as { last_digits: string }[]).map(({ last_digits: digits }) => digits)
    const digits = (await listed.locator('b').allTextContents()).map((text) => text.slice(1))
    assert.ok(digits.length >= 5)
    assert.deepEqual(
      digits.filter((one) => !known.includes(one)),
      [],
    )
    await page.locator('input[type=tel]').fill('+6281234567890')
    await listed.filter({ hasText: 'cannot be reached' }).locator('button').click()
    assert.equal(await page.locator('input[type=tel]').inputValue(), '+6281234560011')
    await context.close()
  })

  it('show as a call what the form sends', async () => {
    const { context, page } = await visit(browser, server, desktop)
    await page.locator('input[type=tel]').fill('+5511987654321')
    await page.locator('select').nth(1).selectOption('pt-BR')
    await page.locator('select').nth(2).selectOption('sms')
    const [start = '', check = ''] = await page.locator('.snippet').allTextContents()
    assert.match(start, /-d '\{"to":"\+5511987654321","locale":"pt-BR","channel":"sms"\}'/)
    assert.match(check, /\{"code":"<code>"\}/, 'no made-up code that would cost a try')
    await context.close()
  })

  it('say that the simulator is off, and offer nothing that would fail', async () => {
    const other = await startTestServer({ CENTANG_LOG_LEVEL: 'error', CENTANG_SIMULATOR: 'off', CENTANG_CONSOLE: 'on' })
    const page = await browser.newPage({ locale: 'en' })
    await page.goto(other.url)
    await page.locator('[role=status]', { hasText: 'CENTANG_SIMULATOR=on' }).waitFor()
    assert.equal(await page.locator('form').count(), 0)
    const { body } = await other.call('GET', '/console/config.json')
    assert.deepEqual(body.channels, [])
    assert.equal(body.phone_url, null)
    await page.close()
    await other.stop()
  })

  it('open by their address, and say when there is none', async () => {
    const page = await browser.newPage({ locale: 'es' })
    await page.goto(`${server.url}/console/none`)
    await page.locator('main', { hasText: 'Esta página no existe.' }).waitFor()
    const first = page.locator('a.nav:visible', { hasText: 'Probar' })
    assert.equal(await first.getAttribute('aria-current'), null)
    await first.click()
    await page.locator('input[type=tel]').waitFor()
    assert.equal(await first.getAttribute('aria-current'), 'page')
    await page.close()
  })

  it('describe every answer of the reference, and give an example of a start', async () => {
    const { body } = await server.call('GET', '/openapi.json')
    const answers = Object.entries<Record<string, any>>(body.paths).flatMap(([path, calls]) =>
      Object.entries(calls).flatMap(([method, call]) =>
        Object.entries<any>(call.responses).map(([status, answer]) => [`${method} ${path} ${status}`, answer]),
      ),
    )
    assert.deepEqual(
      answers.filter(([, answer]) => answer.description === 'Default Response').map(([name]) => name),
      [],
    )
    const content = body.paths['/v1/verifications'].post.requestBody.content['application/json']
    assert.match(JSON.stringify(content.example ?? content.schema.examples), /\+6281234567890/)
  })
})
