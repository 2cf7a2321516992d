import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { luminance, textOn } from './color.ts'

test('text on any colour has a contrast of 4.5:1 (WCAG 2.2, 1.4.3)', () => {
  assert.deepEqual(
    [textOn('#ffffff'), textOn('#000000'), textOn('#0b6e4f'), textOn('#ffd400')],
    ['#000', '#fff', '#fff', '#000'],
  )
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffff }), (value) => {
      const color = `#${value.toString(16).padStart(6, '0')}`
      const [ground, text] = [luminance(color), textOn(color) === '#fff' ? 1 : 0]
      const contrast = (Math.max(ground, text) + 0.05) / (Math.min(ground, text) + 0.05)
      assert.ok(contrast >= 4.5, `${color} ${contrast}`)
    }),
  )
})
