import assert from 'node:assert/strict'
import fastify from 'fastify'
import { after, before, describe, it } from 'node:test'
import type { Browser, Frame, Page } from 'playwright-core'
import { createSimulator } from '#simulator/simulator.ts'
import { eventually, freshNumber } from '../kit/api.ts'
import { startTestServer } from '../kit/server.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { launchBrowser } from './browser.ts'
import { codeField, desktop, type Look, narrow, noSidewaysScroll, phoneIn, sendTo, visit } from './visit.ts'
import { shownNumber } from '../../simulator/phone/browser/shown-number.ts'

describe('the phone in a browser', () => {
  let server: SharedServer
  let browser: Browser
  before(async () => {
    server = await sharedServer()
    browser = await launchBrowser()
  })
  after(async () => {
    await browser.close()
    await server.stop()
  })

  /** As a customer does who has the bank's app: the app is installed, the code comes, Autofill is pressed. */
  async function fillByPhone(page: Page, phone: Frame): Promise<void> {
    const to = freshNumber()
    // A first code, so that the phone is that of this number.
    await sendTo(page, to)
    await phone.locator('.row').first().waitFor()
    await phone.locator('.tab-settings').click()
    const shown = phone.locator('.watermark', { hasText: shownNumber(to) })
    await shown.waitFor()
    await phone.locator('label', { hasText: 'Has the bank’s app' }).locator('input').check()
    await phone.locator('.tab-whatsapp').click()
    await page.locator('button', { hasText: 'Use another number' }).click()
    await sendTo(page, to)
    await phone.locator('.row').first().click()
    const button = phone.locator('button[data-button=autofill]').last()
    await button.click()
    await button.filter({ hasText: 'Filled in' }).waitFor()
    const code = await phone.locator('.bubble strong').last().textContent()
    assert.equal(await page.locator(codeField).inputValue(), code)
    await page.locator('form button[type=submit]').click()
    await page.locator('h2:focus', { hasText: 'Verified' }).waitFor()
  }

  it('fills the code in by Autofill when it has the app', async () => {
    const { context, page, faults } = await visit(browser, server, desktop)
    await fillByPhone(page, await phoneIn(page))
    assert.deepEqual(faults, [])
    await context.close()
  })

  it('does so from a simulator that runs by itself', async () => {
    const simulator = createSimulator({ seed: Date.now() % 0xffffffff })
    const app = fastify({ forceCloseConnections: true })
    await app.register(simulator.plugin, { prefix: '/simulator' })
    const url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/simulator`
    const other = await startTestServer({ CENTANG_LOG_LEVEL: 'error', CENTANG_SIMULATOR_URL: url })
    const { context, page } = await visit(browser, other, desktop)
    const phone = await phoneIn(page)
    assert.ok(phone.url().startsWith(`${url}/phone?`))
    await fillByPhone(page, phone)
    await context.close()
    await other.stop()
    await app.close()
    await simulator.close()
  })

  it('draws nothing before its script says in which colours', async () => {
    const page = await browser.newPage({ httpCredentials: { username: 'any', password: server.key } })
    // One that is still on its way, for as long as we look.
    await page.route('**/phone/phone.js', (route) => route.abort())
    await page.goto(`${server.url}/simulator/phone?embed=1&scheme=dark`)
    await page.locator('.phone').waitFor({ state: 'attached' })
    assert.equal(await page.locator('.phone').isVisible(), false)
    await page.unroute('**/phone/phone.js')
    await page.reload()
    await page.locator('.phone').waitFor()
    await page.close()
  })

  it('shows the SMS that came because the number is not on WhatsApp', async () => {
    const { context, page } = await visit(browser, server, narrow)
    await sendTo(page, freshNumber('0001'))
    const phone = await phoneIn(page)
    await phone.locator('.tab-sms[aria-pressed=true]').waitFor()
    await phone.locator('.row', { hasText: 'your code is' }).waitFor()
    await phone.locator('.tab-whatsapp').click()
    await phone.locator('.empty button', { hasText: '1 message in SMS' }).click()
    await phone.locator('.row').waitFor()
    await context.close()
  })

  it('tells the page when its owner reports the code', async () => {
    const { context, page } = await visit(browser, server, desktop)
    await sendTo(page, freshNumber())
    const phone = await phoneIn(page)
    await phone.locator('.row').first().click()
    await phone.locator('button[data-button=not_requested]').click()
    await page.locator('h2:focus', { hasText: 'The owner of the phone reported this code' }).waitFor()
    const reported = page.locator('.mantine-Timeline-item', { hasText: 'Reported' })
    await reported.filter({ hasText: 'the owner of the phone did not ask for it' }).waitFor()
    assert.equal(await page.locator('.mantine-Timeline-item', { hasText: 'Out of tries' }).count(), 0)
    await context.close()
  })

  it('hands a code over no more when it is too old', async () => {
    const { context, page } = await visit(browser, server, desktop)
    await sendTo(page, freshNumber())
    const phone = await phoneIn(page)
    await phone.locator('.row').first().click()
    const button = phone.locator('button[data-button=copy_code]', { hasText: 'Copy code' })
    await button.waitFor()
    await page.clock.setSystemTime(Date.now() + 11 * 60_000)
    await phone.locator('.back').click()
    await phone.locator('.row').first().click()
    const expired = phone.locator('button[data-button=copy_code]', { hasText: 'Expired' })
    assert.equal(await expired.getAttribute('aria-disabled'), 'true')
    await context.close()
  })

  it('shows nothing while it is switched off, and everything after', async () => {
    const { context, page } = await visit(browser, server, desktop)
    await sendTo(page, freshNumber('0003'))
    const phone = await phoneIn(page)
    const switchOn = phone.locator('button', { hasText: 'Switch on' })
    await switchOn.waitFor()
    assert.equal(await phone.locator('.row').count(), 0)
    await switchOn.click()
    await phone.locator('.row', { hasText: 'is your verification code' }).waitFor()
    await context.close()
  })

  it('stays switched on when what it read before comes late', async () => {
    const to = freshNumber('0003')
    const page = await browser.newPage({ httpCredentials: { username: 'any', password: server.key } })
    const isSwitchedOn = Promise.withResolvers<undefined>()
    let reads = 0
    // The second time is after the stream has opened: whatever was missed is read again.
    await page.route(`**/handsets/${encodeURIComponent(to)}/messages`, async (route) => {
      const answer = await route.fetch()
      if (++reads === 2) await isSwitchedOn.promise
      await route.fulfill({ response: answer })
    })
    await page.goto(`${server.url}/simulator/phone?to=${encodeURIComponent(to)}`)
    await eventually(async () => reads === 2)
    await page.locator('button', { hasText: 'Switch on' }).click()
    await page.locator('.empty', { hasText: 'No messages yet' }).waitFor()
    const read = page.waitForResponse(/\/messages$/)
    isSwitchedOn.resolve(undefined)
    await read
    await server.simulate('POST', `/handsets/${to}/reply`, { text: 'late' })
    await page.locator('.row', { hasText: 'late' }).waitFor({ timeout: 5000 })
    await page.close()
  })

  /** All switches are on the glass, whole. */
  async function allSwitchesFit(phone: Frame | Page): Promise<void> {
    await phone.locator('.tab-settings').click()
    await phone.locator('.switch').last().waitFor()
    const [bottom = 0, edge = 0] = await phone.evaluate<number[]>(
      `['.switch:last-of-type', '.tabs'].map((one, index) =>
        document.querySelector(one).getBoundingClientRect()[index === 0 ? 'bottom' : 'top'])`,
    )
    assert.ok(bottom > 0 && bottom <= edge, `the last switch ends at ${bottom}, the list at ${edge}`)
    await noSidewaysScroll(phone)
  }

  for (const look of [desktop, narrow, { ...narrow, locale: 'es-MX', name: 'phone, light, Spanish' }] as Look[]) {
    it(`has its settings in reach, whole: ${look.name}`, async () => {
      const { context, page } = await visit(browser, server, look)
      await allSwitchesFit(await phoneIn(page))
      await context.close()
    })
  }

  it('stands between the form and the timeline on a narrow screen, a link away from the code', async () => {
    const { context, page } = await visit(browser, server, narrow)
    await sendTo(page, freshNumber())
    const top = async (selector: string): Promise<number> =>
      (await page.locator(selector).boundingBox())?.y ?? assert.fail(`no ${selector}`)
    assert.ok((await top(codeField)) < (await top('.phone-frame')))
    assert.ok((await top('.phone-frame')) < (await top('.try-timeline')))
    await page.locator('a', { hasText: 'See the phone' }).click()
    await eventually(async () => (await top('.phone-frame')) < 120)
    await page.locator('a', { hasText: 'Back to the form' }).click()
    await eventually(async () => (await top(codeField)) > 60)
    await context.close()
  })

  it('can be used by itself, live, with its switches', async () => {
    const context = await browser.newContext({
      viewport: { width: 390, height: 800 },
      locale: 'en',
      httpCredentials: { username: 'any', password: server.key },
    })
    const page = await context.newPage()
    const to = freshNumber()
    await page.goto(`${server.url}/simulator/phone?to=${encodeURIComponent(to)}`)
    await page.locator('.empty').waitFor()
    await allSwitchesFit(page)
    await page.locator('label', { hasText: 'Has WhatsApp' }).locator('input').uncheck()
    await eventually(async () => (await server.simulate('GET', `/handsets/${to}`)).body.whatsapp === false)
    await server.call('POST', '/v1/verifications', { to })
    await page.locator('.banner', { hasText: 'SMS' }).click()
    await page.locator('.chat-sms .bubble', { hasText: `${server.business.name}: your code is` }).waitFor()
    await noSidewaysScroll(page)
    await context.close()
  })

  it('shows its whole number on the narrowest screen', async () => {
    const page = await browser.newPage({
      viewport: { width: 320, height: 640 },
      httpCredentials: { username: 'any', password: server.key },
    })
    await page.goto(`${server.url}/simulator/phone?to=${encodeURIComponent('+628123456789012')}`)
    await page.locator('.watermark', { hasText: '+628123456789012' }).waitFor()
    const isWhole = 'document.querySelector("#number").scrollWidth <= document.querySelector("#number").clientWidth'
    assert.equal(await page.evaluate(isWhole), true)
    await noSidewaysScroll(page)
    await page.close()
  })
})
