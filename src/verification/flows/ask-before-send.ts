import { spellId } from '#platform/core/id.ts'
import type { BusinessHttp } from '#platform/net/business-http.ts'
import { signStandard } from '#platform/net/sign-standard.ts'
import { verificationIds } from '#verification/core/ids.ts'
import { type PreSendHook, preSendBody, type PreSendHookOwner, readPreSendAnswer } from '#verification/core/pre-send.ts'
import type { Outside } from './outside.ts'

/** A person is waiting. */
const answerWithinMs = 500
/** A hook that is away is away for every start; one line a minute says as much as one a start. */
const reportAgainAfterMs = 60_000

interface Asking {
  readonly hookOf: (
    owner: PreSendHookOwner,
  ) => Promise<(PreSendHook & { readonly secret: string | undefined }) | undefined>
  readonly http: Pick<BusinessHttp, 'ask'>
  readonly now: () => Date
  readonly newId: () => string
  readonly onFailure: (owner: PreSendHookOwner) => void
}

/** The business's own say before a verification is sent; undefined when it has no hook. */
export function createAskBeforeSend(asking: Asking): NonNullable<Outside['askBeforeSend']> {
  const { hookOf, http, now, newId, onFailure } = asking
  const reportedAt = new Map<string, number>()
  return async ({ businessId, applicationId, live }, question) => {
    const owner = { businessId, applicationId, live }
    const hook = await hookOf(owner)
    if (!hook) return undefined
    const at = now()
    const id = spellId(verificationIds.preSendQuestion, newId())
    const webhook = { id, url: hook.url, body: preSendBody(owner, question, at), at }
    const text =
      hook.secret === undefined
        ? undefined
        : await http.ask(signStandard({ ...webhook, secrets: [hook.secret] }), answerWithinMs)
    if (text === undefined && at.getTime() - (reportedAt.get(applicationId) ?? -Infinity) >= reportAgainAfterMs) {
      reportedAt.set(applicationId, at.getTime())
      onFailure(owner)
    }
    return readPreSendAnswer(text, hook)
  }
}
