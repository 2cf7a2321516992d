import { createHash } from 'node:crypto'
import type { Caller } from '#platform/core/caller.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { MessagingPort } from '#messaging/port.ts'
import { ShortCache } from '#platform/database/short-cache.ts'
import type { CodeTemplate } from '#compat/twilio/core/template.ts'

/** An approval is news of minutes, and each look is a call to the vendor. */
const keptMs = 60_000

export type CodeTemplates = ReturnType<typeof createCodeTemplates>

/** The approved templates that codes go by, as the vendors of a business's senders have them. */
export function createCodeTemplates(
  messaging: Pick<MessagingPort, 'listSenders' | 'listTemplates' | 'templateUsedFor'>,
) {
  const listed = new ShortCache<Sender, readonly CodeTemplate[]>({
    lastsMs: keptMs,
    spell: ({ businessId, id }) => `${businessId} ${id}`,
    load: async (sender) => readApproved(sender, await messaging.listTemplates(sender)),
  })
  /** The senders that codes of this mode go by: the first of each channel, as the workflow takes them. */
  const sendersOf = async ({ businessId, live }: Caller): Promise<Sender[]> => {
    const usable = (await messaging.listSenders(businessId)).filter(
      (sender) => sender.live === live && sender.purpose === 'authentication',
    )
    return usable.filter(({ channel }, index) => usable.findIndex((one) => one.channel === channel) === index)
  }
  return {
    /** Those of codes that live as long as one of these; what a vendor cannot tell now is left to `onFailure`. */
    async list(
      caller: Caller,
      lifetimesInSeconds: readonly number[],
      onFailure: (error: unknown) => void,
    ): Promise<CodeTemplate[]> {
      const found = (await sendersOf(caller)).map(async (sender) => {
        const used = new Set(lifetimesInSeconds.map((seconds) => messaging.templateUsedFor(sender, seconds)))
        try {
          return (await listed.get(sender)).filter(({ name }) => used.has(name))
        } catch (error) {
          onFailure(error)
          return []
        }
      })
      return (await Promise.all(found)).flat().toSorted((a, b) => (a.id < b.id ? -1 : 1))
    },
  }
}

function readApproved(
  sender: Sender,
  listed: Awaited<ReturnType<MessagingPort['listTemplates']>>,
): readonly CodeTemplate[] {
  const approved = listed.filter(
    ({ category, status }) => category.toUpperCase() === 'AUTHENTICATION' && status.toUpperCase() === 'APPROVED',
  )
  return [...new Set(approved.map(({ name }) => name))].map((name) => ({
    id: idOf(sender.id, name),
    senderId: sender.id,
    name,
    channel: sender.channel,
    languages: approved.filter((one) => one.name === name).map(({ language }) => language),
  }))
}

/** Vendors have names and no ids that would fit; of sender and name there is one. */
function idOf(senderId: string, name: string): string {
  const hex = createHash('sha256').update(`${senderId} ${name}`).digest('hex').slice(0, 32)
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
