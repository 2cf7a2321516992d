import assert from 'node:assert/strict'
import test from 'node:test'
import { vendorText } from './vendor-text.ts'

test("a vendor's words can be kept, whatever is in them and wherever they are cut", () => {
  assert.equal(vendorText('no\0 such \ud83d number'), 'no\ufffd such \ufffd number')
  assert.equal(vendorText(`${'a'.repeat(299)}🙂🙂`), `${'a'.repeat(299)}🙂`)
  assert.equal(vendorText('code 482915 to +6281234567890'), 'code … to …')
  assert.equal(vendorText({}), '')
})
