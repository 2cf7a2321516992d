import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { eventually, runSimulator, type Running } from '#simulator/testing.ts'
import { launchBrowser } from './browser.ts'
import { type Look, narrow, noSidewaysScroll } from './visit.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const looks: readonly (Look & { readonly lang: string; readonly answered: string })[] = [
  { ...narrow, name: 'desktop, light, English', width: 1280, height: 900, lang: 'en', answered: 'Answered' },
  {
    ...narrow,
    name: 'desktop, dark, Spanish',
    width: 1280,
    height: 900,
    colorScheme: 'dark',
    lang: 'es',
    answered: 'Respondido',
  },
  { ...narrow, name: 'phone, dark, Portuguese', colorScheme: 'dark', lang: 'pt-BR', answered: 'Respondido' },
  { ...narrow, name: '320 px, light, Indonesian', width: 320, height: 640, lang: 'id', answered: 'Terjawab' },
]

describe('chats on the phone, in a browser', () => {
  let world: Running
  let facts: any
  let browser: Browser
  let count = 0
  before(async () => {
    world = await runSimulator()
    facts = (await world.call('GET', '/meta')).body
    browser = await launchBrowser()
  })
  after(async () => {
    await browser.close()
    await world.stop()
  })

  // Endings like 0001 are magic numbers.
  const freshPhone = (): string => `+6281234567${700 + ++count}`
  async function send(to: string, body: object, from: string = facts.service_phone_number_id): Promise<void> {
    const headers = { authorization: `Bearer ${facts.access_token}` }
    const content = { messaging_product: 'whatsapp', to, ...body }
    const { status, body: answer } = await world.call('POST', `/meta/v26.0/${from}/messages`, content, headers)
    assert.equal(status, 200, JSON.stringify(answer))
  }
  const write = (from: string, text: string, to: string): Promise<unknown> =>
    world.call('POST', `/handsets/${from}/reply`, { text, to })
  const messagesOf = async (e164: string): Promise<any[]> =>
    (await world.call('GET', `/handsets/${e164}/messages`)).body.messages
  const ownTexts = async (e164: string): Promise<string[][]> =>
    (await messagesOf(e164)).filter(({ direction }) => direction === 'in').map(({ text, to }) => [text, to])

  const question = {
    type: 'interactive',
    interactive: {
      type: 'button',
      body: { text: 'Did you pay *Rp 250.000* at Toko Maju?' },
      footer: { text: 'Demo Bank never asks for your PIN.' },
      action: {
        buttons: ['Yes, that was me', 'No, block my card'].map((title, index) => ({
          type: 'reply',
          reply: { id: `answer:${index}`, title },
        })),
      },
    },
  }
  const times = {
    type: 'interactive',
    interactive: {
      type: 'list',
      header: { type: 'text', text: 'Your appointment' },
      body: { text: 'When shall we call you?' },
      action: {
        button: 'See times',
        sections: [
          {
            title: 'Tomorrow',
            rows: [
              {
                id: 'slot:9',
                title: '9 in the morning',
                description: 'With Ms Sari, by phone; she calls from a hidden number',
              },
              { id: 'slot:14', title: '14:00 to 14:30' },
            ],
          },
        ],
      },
    },
  }

  async function look(e164: string, { width, height, colorScheme, lang }: (typeof looks)[number]): Promise<Page> {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale: lang })
    const page = await context.newPage()
    page.on('pageerror', (error) => assert.fail(error.message))
    await page.goto(`${world.url}/phone?to=${encodeURIComponent(e164)}&lang=${lang}`)
    return page
  }
  async function checkLook(page: Page, name: string): Promise<void> {
    await noSidewaysScroll(page)
    // The page's policy runs nothing of others, so the judge comes in through the debugger.
    await page.evaluate(axe)
    const { violations } = await page.evaluate(() => (globalThis as any).axe.run())
    const found = violations.map((one: any) => `${one.id}: ${one.nodes[0].html} ${one.nodes[0].failureSummary}`)
    assert.deepEqual(found, [], name)
  }
  const focusIn = (page: Page): Promise<string> => page.evaluate<string>('document.activeElement.outerHTML')

  for (const one of looks) {
    it(`are answered by button and list, with the keyboard alone: ${one.name}`, async () => {
      const me = freshPhone()
      await write(me, 'Halo', facts.service_display_phone_number)
      await send(me, question)
      await eventually(async () => (await messagesOf(me)).length === 2)
      await send(me, times)
      const page = await look(me, one)
      await page.locator('.row', { hasText: 'Demo Bank Care' }).press('Enter')
      const summary = page.locator('details.choices summary')
      await summary.waitFor()
      await checkLook(page, `${one.name} buttons`)

      const reply = page.locator('button[data-button="answer:1"]')
      await reply.press('Enter')
      await page.locator('.bubble-in', { hasText: 'No, block my card' }).waitFor()
      await page.locator('#announcer', { hasText: one.answered }).waitFor({ state: 'attached' })
      assert.match(await focusIn(page), /answer:1/)
      assert.equal(await reply.textContent(), 'No, block my card')

      await summary.press('Enter')
      await eventually(async () => {
        const row = await page.locator('.choice').last().boundingBox()
        const form = await page.locator('.reply').boundingBox()
        return row !== null && form !== null && row.y + row.height <= form.y + 1
      })
      await page.keyboard.press('Tab')
      assert.match(await focusIn(page), /slot:9/)
      await checkLook(page, `${one.name} list`)
      await page.keyboard.press('Enter')
      const mine = page.locator('.bubble-in', { hasText: '9 in the morning' })
      await mine.waitFor()
      await page.locator('details.choices:not([open])').waitFor()
      // What held the focus is folded away: it goes to what opens it again.
      assert.match(await focusIn(page), /^<summary/)
      const care = facts.service_display_phone_number
      assert.deepEqual(await ownTexts(me), [
        ['Halo', care],
        ['No, block my card', care],
        ['9 in the morning', care],
      ])
      await checkLook(page, `${one.name} answered`)
      await page.context().close()
    })
  }

  it('are two, one a number, and what is written goes to the number of the chat', async () => {
    const me = freshPhone()
    await write(me, 'To care', facts.service_display_phone_number)
    await write(me, 'To codes', facts.display_phone_number)
    await send(me, { type: 'text', text: { body: 'Care here' } })
    await send(me, { type: 'text', text: { body: 'Codes here' } }, facts.phone_number_id)
    const page = await look(me, looks[0] as (typeof looks)[number])
    await page.locator('.row').nth(1).waitFor()
    const care = page.locator('.row', { hasText: 'Demo Bank Care' })
    assert.match((await care.textContent()) ?? '', /Care here/)
    await checkLook(page, 'two chats')
    await care.click()
    assert.deepEqual(await page.locator('.bubble-text').allTextContents(), ['To care', 'Care here'])
    // The message of the other number came last; the answer must not go there.
    await send(me, { type: 'text', text: { body: 'Codes again' } }, facts.phone_number_id)
    await page.locator('.banner').waitFor()
    await page.locator('.reply-text').fill('Thank you')
    await page.locator('.reply-text').press('Enter')
    await page.locator('.bubble-in', { hasText: 'Thank you' }).waitFor()
    assert.deepEqual((await ownTexts(me)).at(-1), ['Thank you', facts.service_display_phone_number])
    assert.equal(await page.locator('.bubble-in').count(), 2)
    await page.context().close()
  })

  it('have a name before the business has written', async () => {
    const me = freshPhone()
    await write(me, 'Anybody there?', facts.service_display_phone_number)
    const page = await look(me, looks[0] as (typeof looks)[number])
    await page.locator('.row', { hasText: '+1 555 078 3882' }).click()
    await page.locator('h2', { hasText: '+1 555 078 3882' }).waitFor()
    await checkLook(page, 'a chat without an answer')
    await send(me, { type: 'text', text: { body: 'We are' } })
    await page.locator('.bubble-out', { hasText: 'We are' }).waitFor()
    await page.locator('h2', { hasText: 'Demo Bank Care' }).waitFor()
    await page.context().close()
  })
})
