import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import axe from 'axe-core'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { bundle } from '../../sdk/bundle.ts'
import { codeOn, eventually, freshNumber, wrongCode } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { launchBrowser } from './browser.ts'
import { openShop, type Shop } from './shop.ts'
import { noSidewaysScroll } from './visit.ts'

const sizeMaxBytes = 6 * 1024

/** As much of the browser's names as is used here; these files are compiled without them. */
interface Closest {
  closest(selector: string): unknown
}

interface Visit {
  readonly context: BrowserContext
  readonly page: Page
  readonly field: Locator
  readonly to: string
  readonly faults: string[]
}

describe('the code field in a browser', () => {
  let server: SharedServer
  let shop: Shop
  let browser: Browser
  before(async () => {
    server = await sharedServer()
    shop = await openShop(server)
    browser = await launchBrowser()
  })
  after(async () => {
    await browser.close()
    await shop.close()
    await server.stop()
  })

  const visit = async (
    options: Parameters<Browser['newContext']>[0] & { path?: string; lang?: string; prepare?: string } = {},
  ): Promise<Visit> => {
    const { path = '/', lang = 'en', prepare, ...rest } = options
    const context = await browser.newContext(rest)
    const page = await context.newPage()
    if (prepare !== undefined) await page.addInitScript(prepare)
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !message.text().includes('favicon'))
        faults.push(message.text())
    })
    const to = freshNumber()
    await page.goto(`${shop.url}${path}?to=${encodeURIComponent(to)}&lang=${lang}`)
    await page.locator('[role=status]', { hasText: /WhatsApp/ }).waitFor()
    return { context, page, field: page.locator('otp-field input'), to, faults }
  }
  const paste = async (page: Page, text: string): Promise<void> => {
    await page.evaluate(`(() => {
      const data = new DataTransfer()
      data.setData('text/plain', ${JSON.stringify(text)})
      const field = document.querySelector('otp-field').shadowRoot.querySelector('input')
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
    })()`)
  }
  const statusOf = async (to: string): Promise<string> =>
    (await server.call('GET', `/v1/verifications?to=${encodeURIComponent(to)}`)).body.data[0].status

  it('is smaller than 6 kB', async (test) => {
    const script = await bundle(`import './otp-field/otp-field.ts'`)
    assert.match(script, /one-time-code/, 'it is in there')
    const bytes = gzipSync(script, { level: 9 }).length
    test.diagnostic(`<otp-field>: ${script.length} bytes minified, ${bytes} with gzip`)
    assert.ok(bytes < sizeMaxBytes, `${bytes} bytes`)
  })

  it('can be filled in by the phone: one real input with what autofill looks for', async () => {
    const { context, page, field } = await visit()
    assert.equal(await page.locator('otp-field input').count(), 1)
    const wanted = { autocomplete: 'one-time-code', inputmode: 'numeric', type: 'text', maxlength: null, dir: 'ltr' }
    for (const [name, value] of Object.entries(wanted)) assert.equal(await field.getAttribute(name), value, name)
    await page.getByLabel('Verification code').waitFor()
    await context.close()
  })

  it('takes a pasted code in every shape, and the whole message', async () => {
    const { context, page, to, faults } = await visit()
    const code = await codeOn(server, to)
    // Another try each would spend the verification's checks, so only the last one goes to the server.
    await page.evaluate(`document.querySelector('otp-field').addEventListener('complete', (event) => {
      if (globalThis.isHeld) { completed.push(event.detail.code); event.stopImmediatePropagation() }
    }, { capture: true }); globalThis.isHeld = true`)
    const shapes: readonly (readonly [string, string])[] = [
      ['123 456', '123456'],
      ['123-457', '123457'],
      [' 1 2 3 4 5 8 ', '123458'],
      ['١٢٣ ٤٥٩', '123459'],
      ['१२३४६०', '123460'],
      ['𝟏𝟐𝟑𝟒𝟔𝟏', '123461'],
      ['462123 is your code. Valid for 10 minutes.\n\n@shop.example #462123', '462123'],
    ]
    for (const [text, digits] of shapes) {
      await paste(page, text)
      assert.equal(await page.evaluate(`document.querySelector('otp-field').value`), digits, text)
    }
    assert.deepEqual(
      await page.evaluate('completed'),
      shapes.map(([, digits]) => digits),
    )
    await page.evaluate('globalThis.isHeld = false')
    await paste(page, `${code.slice(0, 3)} ${code.slice(3)}`)
    await page.locator('[role=status]', { hasText: 'Verified.' }).waitFor()
    assert.equal(await statusOf(to), 'approved')
    assert.equal(await page.locator('otp-field button').first().isVisible(), false, 'nothing more to send')
    assert.deepEqual(faults, [])
    await context.close()
  })

  it('takes real key strokes and the real clipboard', async () => {
    const { context, page, field, to } = await visit({ permissions: ['clipboard-read', 'clipboard-write'] })
    const code = await codeOn(server, to)
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(`${code.slice(0, 3)} ${code.slice(3)}`)})`)
    await field.focus()
    await page.keyboard.type('9x')
    assert.equal(await field.inputValue(), '9', 'a letter is no digit')
    await page.keyboard.press('Control+V')
    await page.locator('[role=status]', { hasText: 'Verified.' }).waitFor()
    await context.close()
  })

  it('receives the code of a text message where the browser can', async () => {
    const prepare = `globalThis.OTPCredential = class {}
      Object.defineProperty(navigator, 'credentials', { value: { get: (request) => {
        globalThis.asked = request
        return new Promise((resolve) => { globalThis.arrive = (code) => resolve({ code }) })
      } } })`
    const { context, page, to } = await visit({ prepare })
    assert.deepEqual(await page.evaluate('asked.otp'), { transport: ['sms'] })
    await page.evaluate(`arrive(${JSON.stringify(await codeOn(server, to))})`)
    await page.locator('[role=status]', { hasText: 'Verified.' }).waitFor()
    assert.equal(await page.evaluate('asked.signal.aborted'), true, 'nobody listens any more')
    await context.close()
  })

  const wrongTexts = {
    en: ['That code is wrong. 4 tries are left.', 'One try is left.', 'Too many wrong codes. Ask for a new one.'],
    id: ['Kode salah. Sisa 4 kesempatan.', 'Sisa 1 kesempatan.', 'Terlalu banyak kode salah. Minta kode baru.'],
    es: [
      'El código no es correcto. Quedan 4 intentos.',
      'Queda un intento.',
      'Demasiados códigos incorrectos. Pide uno',
    ],
    'pt-BR': [
      'Código incorreto. Restam 4 tentativas.',
      'Resta uma tentativa.',
      'Códigos incorretos demais. Peça um novo.',
    ],
  }
  for (const [lang, [first = '', last = '', over = '']] of Object.entries(wrongTexts)) {
    it(`says what is wrong and how many tries are left, in ${lang}`, async () => {
      const { context, page, field, to, faults } = await visit({ lang })
      const alert = page.locator('otp-field [role=alert]')
      const code = await codeOn(server, to)
      let wrong = code
      for (const text of [first, '', '', last, over]) {
        wrong = wrongCode(wrong)
        await field.fill(wrong)
        await alert.filter({ hasText: text }).waitFor()
        await eventually(async () => (await page.evaluate('completed.at(-1)')) === wrong)
        await eventually(async () => !(await page.evaluate(`document.querySelector('otp-field').hasAttribute('busy')`)))
      }
      assert.equal(await alert.getAttribute('lang'), lang)
      assert.equal(await field.getAttribute('aria-invalid'), 'true')
      assert.equal(await field.inputValue(), wrong, 'what was typed is still there')
      assert.equal(await statusOf(to), 'blocked')
      assert.deepEqual(faults, [])
      await context.close()
    })
  }

  it('counts down to the next sending without reading it aloud, and sends again', async () => {
    const { context, page } = await visit()
    const again = page.locator('otp-field [part~=resend]')
    await again.filter({ hasText: /Send again in (29|30) s/ }).waitFor()
    await again.filter({ hasText: /Send again in 2[78] s/ }).waitFor()
    assert.equal(await again.getAttribute('aria-disabled'), 'true')
    assert.equal(
      await again.evaluate((button: Closest) => button.closest('[role], [aria-live]')),
      null,
      'no live region',
    )
    const calls: string[] = []
    page.on('request', (request) => calls.push(new URL(request.url()).pathname))
    await again.click({ force: true })
    assert.deepEqual(calls, [], 'too soon')
    // The page thinks that it is time; the server knows better, and the countdown begins anew.
    await page.evaluate(`document.querySelector('otp-field').show({ resend_in_seconds: 0 })`)
    await again.filter({ hasText: /^Send again$/ }).waitFor()
    await again.click()
    await page.locator('[role=alert]', { hasText: /You can ask for another code in \d+ s\./ }).waitFor()
    await again.filter({ hasText: /Send again in \d+ s/ }).waitFor()
    assert.deepEqual(calls, ['/api/resend'])
    await context.close()
  })

  it('offers the other channels, and says where the code went', async () => {
    const { context, page, to } = await visit()
    await page.locator('otp-field button', { hasText: 'Send by SMS' }).click()
    await page.locator('[role=status]', { hasText: 'The code was sent by SMS.' }).waitFor()
    assert.deepEqual(await page.locator('otp-field [part~=channel]').allTextContents(), ['Send by WhatsApp'])
    assert.match(await codeOn(server, to, 2), /^\d{6}$/)
    await context.close()
  })

  it('starts anew when the code is dead', async () => {
    const { context, page, to } = await visit()
    const { body } = await server.call('GET', `/v1/verifications?to=${encodeURIComponent(to)}`)
    await server.call('POST', `/v1/verifications/${body.data[0].id}/cancel`, {})
    await page.locator('otp-field input').fill('000000')
    await page.locator('[role=alert]', { hasText: 'no longer valid' }).waitFor()
    const started = page.waitForRequest(/\/api\/start$/)
    await page.locator('otp-field [part~=resend]').click()
    await started
    await context.close()
  })

  it('can be used by keyboard alone', async () => {
    const { context, page, field, to } = await visit()
    await page.keyboard.press('Tab')
    assert.equal(await page.locator('otp-field input:focus').count(), 1, 'the field comes first')
    await page.keyboard.type('12')
    await page.keyboard.press('Enter')
    await page.locator('[role=alert]', { hasText: 'The code has 6 digits.' }).waitFor()
    await page.keyboard.press('Tab')
    const focused = page.locator('otp-field button:focus')
    await focused.filter({ hasText: 'Send again in' }).waitFor()
    await page.keyboard.press('Tab')
    await focused.filter({ hasText: 'Send by SMS' }).waitFor()
    await page.keyboard.press('Enter')
    await page.locator('[role=status]', { hasText: 'sent by SMS' }).waitFor()
    await field.focus()
    await page.keyboard.press('Control+A')
    await page.keyboard.type(await codeOn(server, to, 2))
    await page.locator('[role=status]', { hasText: 'Verified.' }).waitFor()
    await page.keyboard.press('Enter')
    await context.close()
  })

  it('is told to a screen reader: name, hint, error, and what is announced', async () => {
    const { context, page, field, to } = await visit()
    const session = await context.newCDPSession(page)
    const heard = async (role: string) => {
      const { nodes } = await session.send('Accessibility.getFullAXTree')
      const node = nodes.find((one) => one.role?.value === role && !one.ignored)
      const properties = Object.fromEntries((node?.properties ?? []).map(({ name, value }) => [name, value.value]))
      return { name: node?.name?.value, description: node?.description?.value, ...properties }
    }
    const box: Record<string, unknown> = await heard('textbox')
    assert.deepEqual(
      [box['name'], box['description'], box['invalid'], box['required']],
      ['Verification code', 'Enter the 6 digits.', 'false', true],
    )
    assert.equal(((await heard('status')) as Record<string, unknown>)['live'], 'polite')
    await field.fill(wrongCode(await codeOn(server, to)))
    await page.locator('[role=alert]', { hasText: '4 tries' }).waitFor()
    const wrong: Record<string, unknown> = await heard('textbox')
    assert.deepEqual(
      [wrong['description'], wrong['invalid'], wrong['focused']],
      ['Enter the 6 digits. That code is wrong. 4 tries are left.', 'true', true],
    )
    assert.equal(((await heard('alert')) as Record<string, unknown>)['live'], 'assertive')
    await context.close()
  })

  it('is a field of its form', async () => {
    const { context, page, field } = await visit()
    const ask = (script: string) =>
      page.evaluate(`(() => { const field = document.querySelector('otp-field'); ${script} })()`)
    assert.equal(await ask(`return field.form.checkValidity()`), false, 'required, and empty')
    await ask(`field.value = '12'`)
    assert.equal(await ask(`return field.form.checkValidity()`), false, 'too short')
    await ask(`field.value = '123456'`)
    assert.deepEqual(await ask(`return [field.form.checkValidity(), new FormData(field.form).get('code')]`), [
      true,
      '123456',
    ])
    assert.deepEqual(await page.evaluate('completed'), [], 'what the page sets itself is no news to it')
    await field.press('Enter')
    await eventually(async () => (await page.evaluate('globalThis.submitted')) === '123456')
    await ask(`field.form.reset()`)
    assert.equal(await field.inputValue(), '')
    await ask(`field.setAttribute('disabled', '')`)
    assert.equal(await field.isDisabled(), true)
    await ask(`field.setAttribute('length', '4'); field.removeAttribute('disabled')`)
    await hold(page)
    await field.focus()
    await page.keyboard.type('12345')
    assert.equal(await field.inputValue(), '1234')
    await context.close()
  })

  /** Completed codes are kept and not sent: each would spend one of the verification's checks. */
  const hold = (page: Page): Promise<unknown> =>
    page.evaluate(`document.querySelector('otp-field').addEventListener('complete', (event) => {
      completed.push(event.detail.code); event.stopImmediatePropagation()
    }, { capture: true })`)
  const valueOf = (page: Page): Promise<unknown> => page.evaluate(`document.querySelector('otp-field').value`)

  it('leaves alone what an input method composes, and completes once it is done', async () => {
    const { context, page, field, faults } = await visit()
    await hold(page)
    const session = await context.newCDPSession(page)
    const compose = (text: string) =>
      session.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length })
    await field.focus()
    for (const text of ['1', '12x', 'yi er', '１２３４５６', '123456', '123457']) {
      await compose(text)
      assert.equal(await field.inputValue(), text, 'nothing is rewritten')
      assert.deepEqual([await page.evaluate('completed'), await valueOf(page)], [[], ''], text)
      assert.equal(await page.evaluate(`new FormData(document.querySelector('form')).get('code')`), '')
    }
    await page.keyboard.press('Enter')
    await session.send('Input.insertText', { text: '１２３４５８' })
    assert.deepEqual([await page.evaluate('completed'), await field.inputValue()], [['123458'], '123458'])
    // Given up: what was there before is there again.
    await page.evaluate(`document.querySelector('otp-field').value = '12'`)
    await compose('345678')
    await compose('')
    assert.deepEqual([await valueOf(page), await page.evaluate('completed')], ['12', ['123458']])
    assert.deepEqual(faults, [])
    await context.close()
  })

  it('never takes the code to the address, by Enter or by a button, whether the page listens or not', async () => {
    const { context, page, field, to, faults } = await visit({ path: '/bare' })
    const left: string[] = []
    page.on('framenavigated', (frame) => left.push(frame.url()))
    const code = await codeOn(server, to)
    await field.fill(wrongCode(code))
    await page.locator('[role=alert]', { hasText: '4 tries' }).waitFor()
    await field.press('Enter')
    await page.locator('[role=alert]', { hasText: '3 tries' }).waitFor()
    await page.locator('button[type=submit]').click()
    await page.locator('[role=alert]', { hasText: '2 tries' }).waitFor()
    await field.fill(code)
    await page.locator('[role=status]', { hasText: 'Verified.' }).waitFor()
    await page.locator('button[type=submit]').click()
    assert.deepEqual([left, await page.evaluate('location.search.includes("code")')], [[], false])
    // A form that says how it is sent is the page's own affair.
    await page.evaluate(`document.querySelector('form').method = 'post'`)
    await Promise.all([
      page.waitForRequest((request) => request.method() === 'POST' && request.isNavigationRequest()),
      page.locator('button[type=submit]').click(),
    ])
    assert.deepEqual(
      faults.filter((fault) => !/form-action|404/.test(fault)),
      [],
    )
    await context.close()
  })

  it('counts the seconds that are left, whatever the clock of the device says', async () => {
    for (const offset of ['7200e3', '-7200e3']) {
      const prepare = `const now = Date.now.bind(Date); Date.now = () => now() + ${offset}`
      const { context, page } = await visit({ prepare })
      await page.locator('otp-field [part~=resend]', { hasText: /Send again in (28|29|30) s/ }).waitFor()
      await page.evaluate(`document.querySelector('otp-field').setAttribute('resend-in-seconds', '90')`)
      await page.locator('otp-field [part~=resend]', { hasText: /Send again in 1:(29|30)/ }).waitFor()
      await context.close()
    }
  })

  it('takes a code from a message only when it can be no other number, and completes no guess', async () => {
    const { context, page, field } = await visit()
    await hold(page)
    const sure = [
      ['Toko 24 863082 adalah kode Anda. Berlaku 5 menit.', '863082'],
      ['12:30 582455', '582455'],
      ['Code: 582456. Call +62 812 345678 if it was not you.', '582456'],
      ['Your code is 582457. https://shop.example/123456', '582457'],
      ['Rp250.000, kode ١٢٣٤٥٦', '123456'],
      ['582458\n\n@shop.example #582458', '582458'],
    ]
    for (const [text = '', code] of sure) {
      await paste(page, text)
      assert.deepEqual([await valueOf(page), await page.evaluate('completed.at(-1)')], [code, code], text)
    }
    const count = await page.evaluate('completed.length')
    // A guess is shown, and goes nowhere until the person says so.
    await paste(page, 'Your code is 123-457.')
    assert.deepEqual([await valueOf(page), await page.evaluate('completed.length')], ['123457', count])
    await field.press('Enter')
    await eventually(async () => (await page.evaluate('globalThis.submitted')) === '123457')
    for (const text of [
      'Toko 24 8630821',
      'Toko 24 8630',
      'Order 123456, code 654321',
      '24/11/2026 12:30:45',
      'Rp 1.250.000 on 24.11.2026',
      '12345678',
      'no digits at all',
      '1234567890',
    ]) {
      await paste(page, text)
      assert.deepEqual([await valueOf(page), await page.evaluate('completed.length')], ['123457', count], text)
    }
    // The same when it is dropped, or filled in by a keyboard that offers what was copied.
    await field.fill('')
    await field.fill('Toko 24 863083 adalah kode Anda')
    assert.equal(await page.evaluate('completed.at(-1)'), '863083')
    await field.focus()
    await page.keyboard.press('Home')
    await page.keyboard.type('9')
    assert.deepEqual([await field.inputValue(), await page.evaluate('completed.length')], ['863083', Number(count) + 1])
    await context.close()
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`gives axe nothing to say, fits 320 px, and has text one can read: ${colorScheme}`, async () => {
      const { context, page, field, to } = await visit({
        colorScheme,
        viewport: { width: 320, height: 640 },
        bypassCSP: true,
      })
      await page.addScriptTag({ content: axe.source })
      const looks = async (when: string): Promise<void> => {
        await noSidewaysScroll(page)
        const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
          'axe.run()',
        )
        assert.deepEqual(
          violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
          [],
          when,
        )
        const low =
          await page.evaluate(`[...document.querySelector('otp-field').shadowRoot.querySelectorAll('button, input')]
          .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 24).length`)
        assert.equal(low, 0, 'everything is high enough to hit')
      }
      await looks('a code was sent')
      const code = await codeOn(server, to)
      await field.fill(wrongCode(code))
      await page.locator('[role=alert]', { hasText: '4 tries' }).waitFor()
      await looks('the code was wrong')
      await field.fill(code)
      await page.locator('[role=status]', { hasText: 'Verified.' }).waitFor()
      await looks('verified')
      await context.close()
    })
  }

  it('asks Centang itself with a client token, from another origin', async () => {
    const { context, page, field, to, faults } = await visit({ path: '/own' })
    assert.equal(await page.evaluate('shownTo'), `${to.slice(0, 3)}${'•'.repeat(to.length - 5)}${to.slice(-2)}`)
    await page.locator('otp-field button', { hasText: 'Send by SMS' }).click()
    await page.locator('[role=status]', { hasText: 'sent by SMS' }).waitFor()
    const code = await codeOn(server, to, 2)
    await field.fill(wrongCode(code))
    await page.locator('[role=alert]', { hasText: '4 tries are left.' }).waitFor()
    await page.evaluate(`document.querySelector('otp-field').show({ resend_in_seconds: 0 })`)
    await page.locator('otp-field [part~=resend]', { hasText: /^Send again$/ }).click()
    // The seconds are in a header, which another origin reads only when it may.
    await page.locator('[role=alert]', { hasText: /another code in (\d+ s|\d:\d\d)\./ }).waitFor()
    await page.locator('otp-field [part~=resend]', { hasText: /Send again in (\d\d s|\d:\d\d)/ }).waitFor()
    await field.fill(code)
    await page.locator('[role=status]', { hasText: 'Verified.' }).waitFor()
    assert.equal(await statusOf(to), 'approved')
    assert.deepEqual(
      faults.filter((fault) => !/status of 429/.test(fault)),
      [],
    )
    await context.close()
  })

  it('works through React, with the answers as a prop', async () => {
    const { context, page, field, to, faults } = await visit({ path: '/react' })
    await page.getByLabel('Código da loja').waitFor()
    await page.locator('otp-field button', { hasText: 'Enviar por SMS' }).click()
    await page.locator('[role=status]', { hasText: 'enviado por SMS' }).waitFor()
    const code = await codeOn(server, to, 2)
    await field.fill(wrongCode(code))
    await page.locator('[role=alert]', { hasText: 'Restam 4 tentativas.' }).waitFor()
    await field.fill(code)
    await page.locator('[role=status]', { hasText: 'Verificado.' }).waitFor()
    assert.deepEqual(faults, [])
    await context.close()
  })
})
