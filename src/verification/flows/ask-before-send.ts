import type { BusinessHttp } from '#platform/net/business-http.ts'
import { signStandard } from '#platform/net/sign-standard.ts'
import { spellId } from '#platform/core/id.ts'
import { preSendBody, type PreSendHookOwner, readPreSendAnswer } from '#verification/core/pre-send.ts'
import type { Outside } from './outside.ts'
import { ShortCache } from '#platform/database/short-cache.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import type { KeptPreSendHook, PreSendHookStore } from '#verification/store/pre-send-hooks.ts'
import { verificationIds } from '#verification/core/ids.ts'

/** A change made by another server is noticed after this at the latest. */
const cacheLastsMs = 5000
/** A person is waiting. */
const answerWithinMs = 500
/** A hook that is away is away for every start; one line a minute says as much as one a start. */
const tellAgainAfterMs = 60_000

interface PreSend {
  readonly hooks: Pick<PreSendHookStore, 'set' | 'find' | 'remove'>
  readonly ask: NonNullable<Outside['askBeforeSend']>
}

/** The hooks as the API changes them, and asking them. That there is none is kept as well: starts must not pay for it. */
export function createPreSend(
  store: PreSendHookStore,
  http: Pick<BusinessHttp, 'ask'>,
  now: () => Date,
  onFailure: (owner: PreSendHookOwner) => void,
): PreSend {
  const cache = new ShortCache<PreSendHookOwner, { readonly hook: KeptPreSendHook | undefined }>({
    lastsMs: cacheLastsMs,
    load: async (owner) => ({ hook: await store.find(owner) }),
    spell: ({ businessId, applicationId, live }) => `${businessId} ${applicationId} ${live}`,
  })
  const toldAt = new Map<string, number>()
  return {
    hooks: {
      async set(owner, wanted, at) {
        const made = await store.set(owner, wanted, at)
        cache.forget(owner)
        return made
      },
      find: (owner) => store.find(owner),
      async remove(owner) {
        const isRemoved = await store.remove(owner)
        cache.forget(owner)
        return isRemoved
      },
    },
    async ask({ businessId, applicationId, live }, question) {
      const owner = { businessId, applicationId, live }
      const { hook } = await cache.get(owner)
      if (!hook) return undefined
      const at = now()
      const id = spellId(verificationIds.preSendQuestion, uuidv7(at.getTime()))
      const webhook = { id, url: hook.url, body: preSendBody(owner, question, at), at }
      const text =
        hook.secret === undefined
          ? undefined
          : await http.ask(signStandard({ ...webhook, secrets: [hook.secret] }), answerWithinMs)
      const decision = readPreSendAnswer(text, hook)
      if (text === undefined && at.getTime() - (toldAt.get(applicationId) ?? -Infinity) >= tellAgainAfterMs) {
        toldAt.set(applicationId, at.getTime())
        onFailure(owner)
      }
      return decision
    },
  }
}
