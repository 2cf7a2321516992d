import type { Sender } from '#messaging/core/channel.ts'
import { examineApp } from './doctor/app.ts'
import type { Finding, Node, Read } from './doctor/finding.ts'
import { examineNumber } from './doctor/number.ts'
import { examineTemplates } from './doctor/templates.ts'
import { examineToken } from './doctor/token.ts'
import { examineWebhook, type WebhookFacts } from './doctor/webhook.ts'
import { type GraphCall, graphRequest, readJson } from './template.ts'

export interface DoctorFacts extends WebhookFacts {
  /** Shortest lifetime that an application of the business gives its codes. */
  readonly expiresInSeconds: number
  readonly now: Date
}

/** Looks at a WhatsApp set-up from Meta's side, the way a message travels and its receipt comes back. */
export async function examineWhatsApp(sender: Sender, call: GraphCall, facts: DoctorFacts): Promise<Finding[]> {
  const read: Read = async (path) => {
    const { status, body } = await call(graphRequest(sender, 'GET', path))
    return { status, node: readJson(body) as Node }
  }
  const token = await examineToken(sender, read, facts.now)
  // Without a token that reads, everything else would be reported as broken too.
  if (token.findings.some(({ state }) => state === 'problem')) return [...token.findings]
  const app = await examineApp(sender, call, token.appId)
  return [
    ...token.findings,
    ...app.findings,
    ...(await examineNumber(sender, read)),
    ...(await examineTemplates(sender, read, facts.expiresInSeconds)),
    ...(await examineWebhook(sender, read, facts, token.appId, app.callbackUrl)),
  ]
}
