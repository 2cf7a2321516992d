import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { countGraphemes, holdsLink, problemOfShownText } from './shown-text.ts'

const problem = (text: string, characters = 40) => problemOfShownText(text, { characters })

test('names of shops and people are fine', () => {
  for (const name of [
    'Padaria "São João"',
    'Toko Budi & Anak',
    'PT. Sinar Jaya Tbk.',
    'M.Rizki',
    'S.A. de C.V.',
    'Łódź Café №5',
    'दुकान',
    'شركة النور',
    '東京商店',
    'ร้านน้ำ',
    'Rp 1.000.000,50',
    '1 Des, 09:00',
    'No. 12/B',
    'Nguyễn Thị Ánh',
    'a@b',
    '👍🏽',
  ])
    assert.equal(problem(name), undefined, name)
})

test('whatever would show another text than was bound is not', () => {
  const refused: Record<string, readonly string[]> = {
    'must be one line': ['Shop\nYour code is 1', 'a\rb', 'a\u2028b', 'a\u0085b', 'a\u2029'],
    'must not hold control characters': ['a\0', 'a\tb', '\u001b[2J', 'a\u009fb'],
    'must not hold characters that nobody sees or that change the direction of writing': [
      'Shop\u202e 00.1',
      'a\u2066b',
      'a\u200bb',
      'a\u200db',
      'a\ufeff',
      'a\u00adb',
      'a\u3164b',
      'a\u2800b',
      'a\ufe0f',
      'a\u061cb',
      'a\u{e0041}b',
      'a\ue000',
      'a\ud800',
      'a\u034fb',
      'a\u180eb',
      'a\uffff',
    ],
    'must not be empty': ['', ' ', '\u00a0\u3000'],
    'must have at most 40 characters': ['a'.repeat(41), '🙂'.repeat(41)],
    'must not pile marks on a letter': [`Z${'\u0301'.repeat(9)}algo`],
    'must not hold a link; put a space after a dot that is none': [
      'evil.com',
      'see https://x',
      'HTTP://x',
      'www.x',
      'wa.me/6281',
      't.me/a',
      'bit.ly/x',
      'pay at evil．com',
      'evil。com',
      'ｅｖｉｌ.ｃｏｍ',
      'a@b.co.id',
      'mailto:a',
      'tel:+1',
      'javascript:alert(1)',
      'http.рф',
      'пример.рф',
      '例え.みんな',
      '10.0.0.1/a',
      'x.com-a',
      'Shop.ID',
    ],
  }
  for (const [expected, texts] of Object.entries(refused))
    for (const text of texts) assert.equal(problem(text), expected, JSON.stringify(text))
})

test('characters are counted as a person does', () => {
  assert.equal(countGraphemes('👨‍👩‍👧‍👦é🇮🇩'), 3)
  assert.equal(problem('🇮🇩'.repeat(10), 10), undefined)
  assert.equal(problem('é'.normalize('NFD').repeat(40)), undefined)
  assert.equal(problem('🇮🇩'.repeat(11), 10), 'must have at most 10 characters')
})

test('what is accepted is one visible line that leads nowhere', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
      if (problem(text) !== undefined) return
      assert.ok(!/[\p{C}\p{Zl}\p{Zp}]/u.test(text), JSON.stringify(text))
      assert.ok([...text].length <= 160)
    }),
    { numRuns: 5000 },
  )
  const host = fc.tuple(
    fc.stringMatching(/^[a-z0-9]{1,8}$/),
    fc.constantFrom('com', 'id', 'com.br', 'mx', 'link', 'zip'),
  )
  fc.assert(
    fc.property(host, fc.constantFrom('', ' ', '(', '-'), ([name, end], edge) => {
      assert.ok(holdsLink(`Pay${edge}${name}.${end}${edge}now`) || edge === '', `${name}.${end}`)
    }),
  )
})
