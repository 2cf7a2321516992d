import type { Finding } from './finding.ts'

export const noticeKinds = ['account', 'number', 'template', 'security', 'other_number', 'failing'] as const
export type NoticeKind = (typeof noticeKinds)[number]

/**
 * What a provider told about a sender and not about one message, or what its messages fail by. Of one `check` the newest
 * counts.
 */
export interface SenderNotice extends Finding {
  readonly kind: NoticeKind
  readonly at: Date
}
