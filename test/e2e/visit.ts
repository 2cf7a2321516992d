import assert from 'node:assert/strict'
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core'
import { eventually } from '../kit/api.ts'
import type { Server } from '../kit/api.ts'

export interface Look {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly colorScheme: 'light' | 'dark'
  readonly locale: string
}

export const desktop: Look = {
  name: 'desktop, light, English',
  width: 1280,
  height: 900,
  colorScheme: 'light',
  locale: 'en-US',
}
export const narrow: Look = { ...desktop, name: 'phone, light, English', width: 390, height: 844 }

export interface Visit {
  readonly context: BrowserContext
  readonly page: Page
  /** What the browser complained of, and calls to anybody else. */
  readonly faults: string[]
}

/** Opens the try-it page and gives it the key: only the demo's own server shows the key by itself. */
export async function visit(browser: Browser, server: Server, look: Look): Promise<Visit> {
  const context = await browser.newContext({
    viewport: look,
    // Outside the demo the phone asks for a key.
    httpCredentials: { username: 'any', password: server.key },
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

export const codeField = 'input[autocomplete=one-time-code]'

export async function sendTo(page: Page, to: string): Promise<void> {
  await page.locator('input[type=tel]').fill(to)
  await page.locator('form button[type=submit]').click()
  await page.locator(codeField).waitFor()
}

/** The phone beside the form. */
export const phoneIn = async (page: Page): Promise<Frame> =>
  eventually(async () => page.frame({ url: /simulator\/phone/ }) ?? undefined)

export async function noSidewaysScroll(page: Page | Frame): Promise<void> {
  assert.equal(
    await page.evaluate('document.documentElement.scrollWidth <= innerWidth'),
    true,
    'the page scrolls sideways',
  )
}
