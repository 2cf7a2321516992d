import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

/** Refuses an address of a business's own server that may not be called. */
export function requireBusinessUrl(judgeUrl: (url: string) => string | undefined, url: string): void {
  const problem = judgeUrl(url)
  if (problem === undefined) return
  throw new Refusal(platformRefusals.body_invalid, { errors: [{ path: 'body/url', problem }] })
}
