import assert from 'node:assert/strict'
import test from 'node:test'
import { decimalsOf } from './money.ts'

test('amounts have the decimals of ISO 4217, not those that a country writes', () => {
  for (const [currency, digits] of [
    ['IDR', 2],
    ['BRL', 2],
    ['MXN', 2],
    ['USD', 2],
    ['HUF', 2],
    ['COP', 2],
    ['JPY', 0],
    ['CLP', 0],
    ['KWD', 3],
    ['TND', 3],
    ['CLF', 4],
  ] as const)
    assert.equal(decimalsOf(currency), digits, currency)
  for (const none of ['XXX', 'XAU', 'XTS', 'BTC', 'idr', '', 'DEM', 'constructor'])
    assert.equal(decimalsOf(none), undefined, none)
})

test('every currency that Node formats with 0, 3 or 4 decimals by ISO has as many here', () => {
  // CLDR has fewer than ISO where nobody uses the coins, never more; and it knows the old ones too.
  for (const currency of Intl.supportedValuesOf('currency')) {
    const digits = decimalsOf(currency)
    if (digits === undefined) continue
    const shown = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
      .maximumFractionDigits as number
    assert.ok(shown <= digits, `${currency} ${shown} ${digits}`)
  }
})
