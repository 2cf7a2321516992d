import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { heardOfField } from './heard.ts'

const template = { message_template_id: 1, message_template_name: 'login_code_5m', message_template_language: 'pt-BR' }

describe('news of account, number and templates', () => {
  for (const [field, value, wanted] of [
    [
      'message_template_status_update',
      { ...template, event: 'APPROVED', reason: 'NONE' },
      { kind: 'template', check: 'template login_code_5m (pt_BR)', state: 'ok', detail: 'It is APPROVED.' },
    ],
    [
      'message_template_status_update',
      { ...template, event: 'PAUSED', other_info: { title: 'FIRST_PAUSE', description: 'Low quality' } },
      { state: 'problem', detail: 'It is PAUSED: FIRST_PAUSE Low quality.' },
    ],
    [
      'message_template_status_update',
      { ...template, event: 'REJECTED', reason: 'INVALID_FORMAT' },
      { state: 'problem', detail: 'It is REJECTED: INVALID_FORMAT.' },
    ],
    ['message_template_status_update', { ...template, event: 'SOMETHING_NEW' }, { state: 'warning' }],
    [
      'template_category_update',
      { ...template, new_category: 'MARKETING', previous_category: 'UTILITY' },
      { kind: 'template', state: 'warning', detail: 'Its category is MARKETING, no longer UTILITY.' },
    ],
    [
      'template_category_update',
      { ...template, new_category: 'UTILITY', correct_category: 'MARKETING' },
      { detail: 'Meta will make it MARKETING; it is UTILITY.' },
    ],
    [
      'phone_number_quality_update',
      { display_phone_number: '15550783881', event: 'FLAGGED', current_limit: 'TIER_1K' },
      { kind: 'number', check: 'quality of …3881', state: 'problem', detail: 'FLAGGED, limit TIER_1K.' },
    ],
    ['phone_number_quality_update', { event: 'DOWNGRADE', current_limit: 'TIER_250' }, { state: 'warning' }],
    [
      'account_update',
      { event: 'ACCOUNT_RESTRICTION', restriction_info: [{ restriction_type: 'RESTRICTED_BIZ_INITIATED_MESSAGING' }] },
      {
        kind: 'account',
        check: 'account',
        state: 'problem',
        detail: 'ACCOUNT_RESTRICTION: RESTRICTED_BIZ_INITIATED_MESSAGING.',
      },
    ],
    [
      'account_update',
      { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'REINSTATE' } },
      { check: 'account', state: 'ok' },
    ],
    [
      'account_alerts',
      {
        alert_info: {
          alert_severity: 'CRITICAL',
          alert_status: 'ACTIVE',
          alert_type: 'OBA_REJECTED',
          alert_description: 'No.',
        },
      },
      { kind: 'account', state: 'problem', detail: 'CRITICAL: No.' },
    ],
    [
      'account_alerts',
      { alert_severity: 'WARNING', alert_status: 'ACTIVE', alert_type: 'X', alert_description: 'Hm.' },
      { state: 'warning' },
    ],
    ['account_review_update', { decision: 'REJECTED' }, { kind: 'account', state: 'problem' }],
    [
      'phone_number_name_update',
      { decision: 'REJECTED', rejection_reason: 'NAME_FORMAT_UNACCEPTABLE' },
      { kind: 'number', state: 'problem' },
    ],
    [
      'security',
      { display_phone_number: '15550783881', event: 'PIN_CHANGED' },
      { kind: 'security', state: 'warning', detail: 'PIN_CHANGED.' },
    ],
  ] as const)
    it(`${field} ${JSON.stringify(wanted)}`, () => {
      const { notices, items } = heardOfField(field, value)
      assert.equal(items.length, 1)
      assert.partialDeepStrictEqual(notices[0], wanted)
      assert.equal(notices[0]?.at.toISOString(), new Date(1_795_300_000_000).toISOString(), 'by the clock of Meta')
      assert.equal(notices[0]?.mend === undefined, notices[0]?.state === 'ok', 'what is wrong says what to do')
    })

  it('that nobody here knows are nothing, and odd values spoil nothing', () => {
    for (const field of ['hologram_update', 'constructor', '__proto__', 'toString', 'calls', 'history'])
      assert.deepEqual(heardOfField(field, { event: 'x' }).items, [], field)
    for (const value of [
      {},
      { event: null },
      { event: { a: 1 } },
      { restriction_info: 'x', ban_info: 7 },
      { alert_info: [] },
    ])
      for (const field of ['account_update', 'account_alerts', 'message_template_status_update', 'security'])
        assert.equal(heardOfField(field, value).notices.length, 1)
    const long = heardOfField('account_alerts', { alert_description: '🙂'.repeat(5000), alert_type: 'x'.repeat(5000) })
    assert.ok((long.notices[0]?.detail.length ?? 0) < 1100 && (long.notices[0]?.check.length ?? 0) < 300)
  })
})
