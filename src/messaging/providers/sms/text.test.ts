import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { contractMessage } from '#messaging/providers/contract/case.ts'
import { smsText } from './text.ts'

/** 3GPP TS 23.038 §6.2.1, the default alphabet, and the characters of its extension, which count twice. */
const gsm7 =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
const gsm7Extension = '^{}\\[~]|€'

/** How many messages an operator bills for. */
function countSegments(text: string): { readonly encoding: 'GSM-7' | 'UCS-2'; readonly segments: number } {
  const characters = Array.from(text)
  const isGsm7 = characters.every((one) => gsm7.includes(one) || gsm7Extension.includes(one))
  const units = isGsm7 ? characters.reduce((sum, one) => sum + (gsm7Extension.includes(one) ? 2 : 1), 0) : text.length
  const [alone, joined] = isGsm7 ? [160, 153] : [70, 67]
  return { encoding: isGsm7 ? 'GSM-7' : 'UCS-2', segments: units <= alone ? 1 : Math.ceil(units / joined) }
}

const locales = ['en', 'id', 'es', 'pt-BR'] as const

describe('the text of an SMS', () => {
  it('says brand, code, what it authorises, a warning and how long it lasts, in four languages', () => {
    const text = (locale: string) => smsText({ ...contractMessage, brand: 'Toko Sari', locale })
    assert.equal(text('en'), 'Toko Sari: your code is 4839201. Do not share it. Valid for 5 minutes.')
    assert.equal(text('id'), 'Toko Sari: kode Anda 4839201. Jangan bagikan kode ini. Berlaku 5 menit.')
    assert.equal(
      text('es-MX'),
      'Toko Sari: usa 4839201 para confirmar tu celular. No lo compartas. Vence en 5 minutos.',
    )
    assert.equal(
      text('pt'),
      'Toko Sari: use 4839201 para confirmar seu celular. Nunca compartilhe. Expira em 5 minutos.',
    )
    assert.equal(text('hi'), text('en'))
    const payment = (locale: string, amount: string, currency: string) =>
      smsText({ ...contractMessage, brand: 'Toko', locale, transaction: { amount, currency, payee: 'Padaria Sol' } })
    assert.match(
      payment('en', '120.00', 'BRL'),
      /^Toko: your code is 4839201\. It authorises BRL 120\.00 to Padaria Sol\./,
    )
    assert.match(
      payment('id', '1250000', 'IDR'),
      /^Toko: kode Anda 4839201 untuk menyetujui IDR 1\.250\.000 kepada Padaria Sol\./,
    )
    assert.match(payment('es', '1250000.00', 'MXN'), /usa 4839201 para autorizar \$1,250,000\.00 MXN a Padaria Sol\./)
    assert.match(payment('pt-BR', '120.00', 'BRL'), /use 4839201 para autorizar BRL 120,00 para Padaria Sol\./)
  })

  it('binds the code to a domain in its last line', () => {
    const text = smsText({ ...contractMessage, domain: 'example.com' })
    assert.equal(text.split('\n').at(-1), '@example.com #4839201')
  })

  it('is one segment in every language, at its longest', () => {
    for (const locale of locales) {
      for (const expiresInSeconds of [60, 600]) {
        const text = smsText({
          ...contractMessage,
          brand: 'x'.repeat(20),
          code: '1234567890',
          domain: 'login.example.com',
          expiresInSeconds,
          locale,
        })
        assert.deepEqual(countSegments(text), { encoding: 'GSM-7', segments: 1 }, text)
      }
    }
  })

  it('is two segments at most when it authorises a payment', () => {
    for (const locale of locales) {
      const transaction = { amount: '1234567.00', currency: 'IDR', payee: 'x'.repeat(40) }
      const text = smsText({ ...contractMessage, brand: 'x'.repeat(20), locale, transaction })
      const { encoding, segments } = countSegments(text)
      assert.equal(encoding, 'GSM-7')
      assert.ok(segments <= 2, text)
    }
  })

  it('is counted as an operator counts', () => {
    assert.deepEqual(countSegments('a'.repeat(160)), { encoding: 'GSM-7', segments: 1 })
    assert.deepEqual(countSegments('a'.repeat(161)), { encoding: 'GSM-7', segments: 2 })
    assert.deepEqual(countSegments('é ñ ü'), { encoding: 'GSM-7', segments: 1 })
    assert.deepEqual(countSegments('código'), { encoding: 'UCS-2', segments: 1 })
    assert.deepEqual(countSegments('ã'.repeat(71)), { encoding: 'UCS-2', segments: 2 })
    assert.deepEqual(countSegments('€'.repeat(80)), { encoding: 'GSM-7', segments: 1 })
  })
})
