import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { outcomeOf } from '#compat/message-central/http/errors.ts'
import { faultOf } from '#compat/twilio/http/errors.ts'
import { errorOf } from '#compat/vonage/http/errors.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { refusalOf, refusals } from '../kit/refusals.ts'

const ofTwilio = (refusal: Refusal): string => {
  const { status, code } = faultOf(refusal)
  return `${status} ${code}`
}
const ofVonage = (refusal: Refusal): string => {
  const { status, type, invalid } = errorOf(refusal)
  return `${status} ${type.split('#')[1]}${invalid ? ` ${invalid.name}` : ''}`
}
const ofMessageCentral = (refusal: Refusal): string => {
  const { httpStatus, code } = outcomeOf(refusal)
  return `${httpStatus} ${code}`
}

/** What clients of each vendor look at: Twilio's number, Vonage's type, Message Central's code. */
const answers: Readonly<Record<string, readonly [twilio: string, vonage: string, messageCentral: string]>> = {
  body_invalid: ['400 60200', '400 bad-request', '400 400'],
  recipient_invalid: ['400 60200', '422 invalid-params to', '400 400'],
  recipient_not_allowed: ['403 60605', '422 invalid-params to', '400 400'],
  channel_unavailable: ['400 60223', '422 invalid-params workflow', '400 400'],
  code_unsuitable: ['400 60200', '422 invalid-params code', '422 400'],
  send_denied: ['403 60238', '422 invalid-params to', '400 400'],
  send_limit_reached: ['429 60203', '429 throttled', '200 800'],
  resend_too_soon: ['429 20429', '429 throttled', '429 400'],
  workflow_exhausted: ['409 20409', '409 conflict', '409 400'],
  credentials_missing: ['401 20003', '401 unauthorized', '401 401'],
  credentials_invalid: ['401 20003', '401 unauthorized', '401 401'],
  live_key_required: ['403 20403', '403 bad-request', '403 401'],
  verification_not_found: ['404 20404', '404 not-found', '200 505'],
  verification_closed: ['404 20404', '404 not-found', '200 700'],
  verification_expired: ['404 20404', '404 not-found', '200 705'],
  check_limit_reached: ['429 60202', '410 expired', '200 800'],
  checks_paused: ['429 20429', '429 throttled', '200 800'],
  recipient_budget_spent: ['429 60202', '429 throttled', '200 800'],
  recipient_disabled: ['429 60202', '403 forbidden', '200 800'],
  resource_not_found: ['404 20404', '404 not-found', '404 400'],
  route_not_found: ['404 20404', '404 not-found', '404 400'],
  payload_too_large: ['413 60200', '413 bad-request', '413 400'],
  content_type_unsupported: ['415 60200', '415 bad-request', '415 400'],
  request_unreadable: ['400 60200', '400 bad-request', '400 400'],
  busy: ['503 20503', '503 server-error', '503 500'],
  key_unavailable: ['503 20503', '503 server-error', '503 500'],
  database_unavailable: ['503 20503', '503 server-error', '503 500'],
  internal: ['500 20500', '500 server-error', '500 500'],
}

describe('refusals in the words of the vendors', () => {
  for (const [code, expected] of Object.entries(answers)) {
    it(`says ${code} to each vendor’s clients`, () => {
      const refusal = new Refusal(refusalOf(code))
      assert.deepEqual([ofTwilio(refusal), ofVonage(refusal), ofMessageCentral(refusal)], expected)
    })
  }

  it('tells whatever else there is by its HTTP status', () => {
    const others = Object.values(refusals).filter(({ code }) => !(code in answers))
    assert.ok(others.length > 5)
    for (const entry of others) {
      const refusal = new Refusal(entry)
      // What our guard refuses is what Twilio's Fraud Guard and geo permissions refuse.
      const meant = entry.against && { fraud: '403 60410', destination: '403 60605' }[entry.against]
      if (meant) assert.equal(ofTwilio(refusal), meant)
      for (const said of [...(meant ? [] : [ofTwilio(refusal)]), ofVonage(refusal), ofMessageCentral(refusal)])
        assert.ok(said.startsWith(`${entry.status} `), `${entry.code}: ${said}`)
      if (!meant && ![401, 404].includes(entry.status))
        assert.ok(ofTwilio(refusal).endsWith(String(20_000 + entry.status)))
    }
  })
})
