import { type Finding, ok, problem, warning } from '#messaging/core/finding.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { secretsOf } from '../config.ts'
import { fieldsOf, listOf } from '../fields.ts'
import { errorOf, type Read } from './read.ts'

export interface TokenExamined {
  readonly findings: readonly Finding[]
  /** The app the token was made for; what else belongs to an app is looked up by it. */
  readonly appId: string | undefined
}

const check = 'access token'
const newToken =
  'Business settings → System users → Generate token, with whatsapp_business_messaging and whatsapp_business_management; then `centang senders update`.'

export async function examineToken(sender: Sender, read: Read, now: Date): Promise<TokenExamined> {
  const { status, node } = await read(`debug_token?input_token=${encodeURIComponent(secretsOf(sender).access_token)}`)
  const data = fieldsOf(node['data'])
  const { app_id: app } = data
  const appId = typeof app === 'string' || typeof app === 'number' ? String(app) : undefined
  if (status !== 200 || data['is_valid'] !== true)
    return { appId, findings: [problem(check, `Meta does not accept it${errorOf(node)}.`, newToken)] }
  const scopes = new Set([...wordsOf(data['scopes']), ...listOf(data['granular_scopes']).map(({ scope }) => scope)])
  const findings = ['whatsapp_business_messaging', 'whatsapp_business_management']
    .filter((scope) => !scopes.has(scope))
    .map((scope) => problem(check, `The permission ${scope} is missing.`, newToken))
  const expiresAt = Number(data['expires_at'] ?? 0)
  if (expiresAt > 0) {
    const days = Math.floor((expiresAt - now.getTime() / 1000) / 86_400)
    findings.push(
      warning(
        check,
        `It ends in ${days} days; every message fails from then on.`,
        'Use a token of a system user that never expires.',
      ),
    )
  }
  return {
    appId,
    findings: findings.length > 0 ? findings : [ok(check, 'valid, does not expire, has both permissions')],
  }
}

const wordsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
