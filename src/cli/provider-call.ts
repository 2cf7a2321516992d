import { messagingIds } from '#messaging/core/ids.ts'
import { createProviderHttp, UrlForbidden } from '#messaging/providers/http.ts'
import { providers } from '#messaging/providers/registry.ts'
import { spellId } from '#platform/core/id.ts'
import type { ChannelProvider } from '#messaging/core/provider.ts'
import type { Call, ProviderAnswer } from '#messaging/core/provider-call.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { readConfig } from './config.ts'

export function providerOf(sender: Sender): ChannelProvider {
  const provider = providers.get(sender.provider)
  if (!provider) throw new Error(`This version has no provider ${sender.provider}.`)
  return provider
}

/** Nobody answered there. */
export class Unreached extends Error {}

/** Work at the vendor of a sender, under the same rules of who may call whom as the server's. */
export async function withCall<Result>(sender: Sender, work: (call: Call) => Promise<Result>): Promise<Result> {
  const provider = providerOf(sender)
  const { providerHosts, simulatorUrl, publicUrl } = readConfig(process.env)
  // A test sender lives at the simulator. Where that is says this server; its own settings only when the operator made
  // them: a business could name an address inside.
  const named = sender.shared ? provider.addressOf?.(sender) : undefined
  const simulator = simulatorUrl ?? (sender.live ? undefined : named)
  const http = createProviderHttp({
    allowedHosts: providerHosts,
    simulatorOrigin: () => originOf(simulator),
    ownOrigin: () => originOf(publicUrl),
  })
  try {
    return await work((wanted) =>
      http.exchange(provider, wanted, sender).catch((error: unknown) => {
        const why = `${new URL(wanted.url).host}: ${whyUnreached(error)}`
        // Whoever may not call has not tried.
        throw error instanceof UrlForbidden ? new Error(why, { cause: error }) : new Unreached(why, { cause: error })
      }),
    )
  } finally {
    await http.close()
  }
}

const originOf = (url: string | undefined): string | undefined => (url === undefined ? undefined : new URL(url).origin)

const askTimeoutMs = 5000

/** Asks a URL of ours from here, as anybody could. */
export async function askUrl(url: string): Promise<ProviderAnswer> {
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(askTimeoutMs) })
    return { status: answer.status, body: await answer.text() }
  } catch (error) {
    throw new Error(whyUnreached(error), { cause: error })
  }
}

/** A word of the network where there is one; never the URL, whose query may hold a secret. */
function whyUnreached(error: unknown): string {
  const { name, message, cause, code } = error as Error & { code?: string }
  if (name === 'TimeoutError') return 'no answer in time'
  const { code: inner } = (cause ?? {}) as { code?: string }
  return code ?? inner ?? message
}

export function webhookUrlOf(sender: Pick<Sender, 'id'>): string {
  const { publicUrl, port } = readConfig(process.env)
  return `${publicUrl ?? `http://127.0.0.1:${port}`}/webhooks/${spellId(messagingIds.sender, sender.id)}`
}
