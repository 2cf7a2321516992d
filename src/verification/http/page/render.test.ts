import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { problemOfTransaction } from '#verification/core/transaction.ts'
import type { Transaction } from '#verification/core/verification.ts'
import { shownAmount } from '#platform/core/money.ts'
import { type PageView, renderPage } from './render.ts'

const locales = ['en', 'id', 'es', 'pt-BR'] as const
const page = (transaction: Transaction, changes: Partial<PageView> = {}) =>
  renderPage({
    locale: 'en',
    brand: 'Toko Budi',
    status: 'pending',
    recipient: '+62 ••• 890',
    channel: 'sms',
    otherChannels: [],
    resendInSeconds: 0,
    codeLength: 6,
    transaction,
    nonce: 'n',
    ...changes,
  })
/** What the person reads of what the code authorises. */
const shown = (html: string) =>
  /<p class="bound">(.*?)<\/p>/.exec(html)?.[1]?.replaceAll(/<\/?bdi>|\u00a0/g, (one) => (one === '\u00a0' ? ' ' : ''))

test('the page says the very amount that the code is bound to', () => {
  for (const [amount, currency, text] of [
    ['10.75', 'IDR', 'IDR 10.75'],
    ['0.49', 'IDR', 'IDR 0.49'],
    ['1.5', 'USD', 'USD 1.5'],
    ['1234567', 'JPY', 'JPY 1,234,567'],
    ['1.125', 'KWD', 'KWD 1.125'],
    ['$39.99', '', '$39.99'],
  ] as const)
    assert.equal(shown(page({ amount, currency, payee: 'Padaria' })), `You are authorising ${text} to Padaria.`)
  for (const [currency, text] of [
    ['MXN', '$1,250,000.00 MXN'],
    ['ARS', '$ 1.250.000,00 ARS'],
    ['USD', '$1,250,000.00 USD'],
    ['PEN', 'PEN 1,250,000.00'],
    ['EUR', '1.250.000,00 EUR'],
  ] as const)
    assert.equal(shownAmount('es', { amount: '1250000.00', currency }).replaceAll('\u00a0', ' '), text)
  const amounts = fc.tuple(
    fc.stringMatching(/^(0|[1-9]\d{0,14})(\.\d{1,4})?$/),
    fc.constantFrom('IDR', 'BRL', 'MXN', 'JPY', 'KWD', 'CLF', 'HUF'),
  )
  fc.assert(
    fc.property(amounts, fc.constantFrom(...locales), ([amount, currency], locale) => {
      if (problemOfTransaction({ amount, currency, payee: 'x' })) return
      const text = shownAmount(locale, { amount, currency })
      const decimals = amount.split('.')[1]?.length ?? 0
      assert.ok(text.includes(currency))
      assert.equal(text.replaceAll(/\D/g, ''), amount.replaceAll(/\D/g, ''), `${locale} ${text}`)
      const point = decimals === 0 ? -1 : text.search(/[.,]\d+\D*$/)
      if (decimals > 0) assert.equal(text.slice(point).replaceAll(/\D/g, '').length, decimals, `${locale} ${text}`)
    }),
  )
})

test('a payee turns nothing around and brings in no markup', () => {
  const html = page({ amount: '5', currency: 'USD', payee: 'שלום <b>&"' })
  assert.match(html, /<bdi>USD\u00a05<\/bdi> to <bdi>שלום &lt;b&gt;&amp;&quot;<\/bdi>\./)
})
