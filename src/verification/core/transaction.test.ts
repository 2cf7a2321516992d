import assert from 'node:assert/strict'
import test from 'node:test'
import { problemOfTransaction } from './transaction.ts'

const problem = (amount: string, currency: string, payee = 'Padaria Sol') =>
  problemOfTransaction({ amount, currency, payee })

test('an amount that its currency has is taken as it is', () => {
  for (const [amount, currency] of [
    ['120.00', 'BRL'],
    ['10.75', 'IDR'],
    ['0.49', 'IDR'],
    ['1000000', 'IDR'],
    ['100', 'JPY'],
    ['1.125', 'KWD'],
    ['0', 'USD'],
    ['2.5', 'USD'],
    ['999999999999999.99', 'USD'],
  ] as const)
    assert.equal(problem(amount, currency), undefined, `${amount} ${currency}`)
})

test('more decimals than the currency has, another spelling or another currency is refused', () => {
  for (const [amount, currency, field] of [
    ['1.999', 'USD', 'amount'],
    ['100.5', 'JPY', 'amount'],
    ['100.0', 'CLP', 'amount'],
    ['1.1255', 'KWD', 'amount'],
    ['007', 'USD', 'amount'],
    ['1,50', 'USD', 'amount'],
    ['-1', 'USD', 'amount'],
    ['1.', 'USD', 'amount'],
    ['1e3', 'USD', 'amount'],
    ['1', 'XXX', 'currency'],
    ['1', 'ABC', 'currency'],
  ] as const)
    assert.equal(problem(amount, currency)?.field, field, `${amount} ${currency}`)
  assert.equal(problem('100.5', 'JPY')?.problem, 'must have at most 0 decimals: JPY has no more (ISO 4217)')
  assert.equal(problem('1', 'USD', 'Shop\u202e')?.field, 'payee')
})

test("an amount as a vendor's text is shown as it came, and can't be rounded by whoever reads it", () => {
  for (const amount of [
    '$39.99',
    '39.99 USD',
    'EUR 10,50',
    'Rp 50.000',
    '50.000 IDR',
    '1.234.567,50 BRL',
    '¥100',
    '1 000',
    'R$ 10',
  ])
    assert.equal(problem(amount, ''), undefined, amount)
  for (const amount of [
    '1.9999 USD',
    'JPY 100.5',
    '100,50 JPY',
    '1,234.5678 USD',
    '5 USD\u202e',
    '5\nUSD',
    'see pay.com',
    ' ',
    '9'.repeat(41),
  ])
    assert.equal(problem(amount, '')?.field, 'amount', amount)
})
