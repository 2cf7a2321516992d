import { defineRefusals } from '#platform/core/refusal.ts'

/** What access refuses. */
export const accessRefusals = defineRefusals({
  live_key_required: {
    status: 403,
    title: 'A test key may not change what live traffic depends on.',
    remedy: 'Repeat the request with a live key of the same business.',
    rule: 'access.mode',
  },
})
