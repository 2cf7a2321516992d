import type { Finding } from '#messaging/core/finding.ts'
import type { Examination } from '#messaging/core/provider-account.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { graphRequest, readJson } from '../graph.ts'
import { examineApp } from './app.ts'
import { examineNumber } from './number.ts'
import type { Read } from './read.ts'
import { examineTemplates } from './templates.ts'
import { examineToken } from './token.ts'
import { examineWebhook } from './webhook.ts'

/** Looks at a WhatsApp set-up from Meta's side, the way a message travels and its receipt comes back. */
export async function examine(sender: Sender, examination: Examination): Promise<Finding[]> {
  const { call, expiresInSeconds, now } = examination
  const read: Read = async (path) => {
    const { status, body } = await call(graphRequest(sender, 'GET', path))
    return { status, node: readJson(body) }
  }
  const token = await examineToken(sender, read, now)
  // Without a token that reads, everything else would be reported as broken too.
  if (token.findings.some(({ state }) => state === 'problem')) return [...token.findings]
  const app = await examineApp(sender, call, token.appId)
  return [
    ...token.findings,
    ...app.findings,
    ...(await examineNumber(sender, read)),
    ...(await examineTemplates(sender, read, expiresInSeconds)),
    ...(await examineWebhook(sender, read, examination, token.appId, app.callbackUrl)),
  ]
}
