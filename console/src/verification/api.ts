import type { Channel, Checked, StartBody, Verification, VerificationWithTimeline } from '@centang/sdk'
import { call } from '../kit/call.ts'

/** A verification as far as it was read: what a start answers has no timeline yet. */
export type SeenVerification = Verification & Partial<Pick<VerificationWithTimeline, 'timeline'>>

export const startVerification = (key: string, body: StartBody): Promise<Verification> =>
  call(key, 'POST', 'verifications', body)
export const readVerification = (key: string, id: string): Promise<VerificationWithTimeline> =>
  call(key, 'GET', `verifications/${id}`)
export const checkCode = (key: string, id: string, code: string): Promise<Checked> =>
  call(key, 'POST', `verifications/${id}/check`, { code })
export const resendCode = (key: string, id: string, channel?: Channel): Promise<Verification> =>
  call(key, 'POST', `verifications/${id}/resend`, channel ? { channel } : {})
export const cancelVerification = (key: string, id: string): Promise<Verification> =>
  call(key, 'POST', `verifications/${id}/cancel`, {})
