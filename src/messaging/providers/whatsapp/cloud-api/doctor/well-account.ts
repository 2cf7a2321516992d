import assert from 'node:assert/strict'
import type { Examination } from '#messaging/core/provider-account.ts'
import type { Call } from '#messaging/core/provider-call.ts'
import type { Sender } from '#messaging/core/sender.ts'

export const appId = '634974688087057'
const phoneId = '106540352242922'
const wabaId = '102290129340398'
export const webhookUrl = 'https://verify.example.test/webhooks/snd_1'
export const now = new Date('2026-11-24T10:00:00Z')

export const patient: Sender = {
  id: '0190a000-0000-7000-8000-000000000003',
  businessId: '0190a000-0000-7000-8000-000000000001',
  live: true,
  channel: 'whatsapp',
  provider: 'whatsapp-cloud-api',
  purpose: 'authentication',
  config: {
    phone_number_id: phoneId,
    waba_id: wabaId,
    template_name: 'login_code',
    template_minutes: [1, 5],
    template_languages: ['id', 'en_US'],
  },
  secrets: {
    access_token: 'EAAtoken-of-the-test',
    app_secret: 'app secret of the test',
    verify_token: 'verify token of the test',
  },
}

const template = (name: string, language: string, ttl: number | string) => ({
  name,
  language,
  status: 'APPROVED',
  category: 'AUTHENTICATION',
  message_send_ttl_seconds: ttl,
})

export const scopes = ['whatsapp_business_messaging', 'whatsapp_business_management']
export const entity = (type: string) => ({ entity_type: type, id: '1', can_send_message: 'AVAILABLE' })

/** What Meta answers about an account that is well, by node and edge, in the shapes of its documents. */
export const wellAccount = {
  token: { data: { app_id: appId, is_valid: true, expires_at: 0, scopes } } as object,
  subscriptions: {
    data: [
      { object: 'page', callback_url: 'https://other.example.test', active: true, fields: [{ name: 'feed' }] },
      {
        object: 'whatsapp_business_account',
        callback_url: webhookUrl,
        active: true,
        fields: [
          { name: 'messages', version: 'v26.0' },
          { name: 'account_update', version: 'v26.0' },
          { name: 'account_alerts', version: 'v26.0' },
          { name: 'message_template_status_update', version: 'v26.0' },
          { name: 'template_category_update', version: 'v26.0' },
          { name: 'phone_number_quality_update', version: 'v26.0' },
          { name: 'security', version: 'v26.0' },
        ],
      },
    ],
  } as object,
  number: {
    id: phoneId,
    display_phone_number: '+55 11 98765-4321',
    verified_name: 'Padaria Sol',
    status: 'CONNECTED',
    name_status: 'APPROVED',
    quality_rating: 'GREEN',
    code_verification_status: 'VERIFIED',
    whatsapp_business_manager_messaging_limit: 'TIER_2K',
    health_status: { can_send_message: 'AVAILABLE', entities: [entity('PHONE_NUMBER'), entity('WABA')] },
    webhook_configuration: { application: webhookUrl },
  } as object,
  numbers: { data: [{ id: '1' }, { id: phoneId }] } as object,
  templates: [
    template('login_code_1m', 'id', 45),
    template('login_code_1m', 'en_US', '45'),
    template('login_code_5m', 'id', 285),
    template('login_code_5m', 'en_US', 285),
  ] as object[],
  apps: { data: [{ whatsapp_business_api_data: { id: appId, name: 'Verify' } }] } as object,
}
export type Account = typeof wellAccount

const refusal = { error: { message: 'Invalid OAuth access token signature.', type: 'OAuthException', code: 190 } }

/** Answers as Meta does: the app's own edge to the app's token, everything else to the sender's. */
export const graphOf =
  (account: Account): Call =>
  async ({ url, headers }) => {
    const { pathname, searchParams } = new URL(url)
    const answer = (body: object, status = 200) => ({ status, body: JSON.stringify(body) })
    if (pathname.endsWith('/subscriptions')) {
      assert.equal(headers['authorization'], undefined, 'the token of the sender would be taken instead')
      const isOurs = pathname === `/v26.0/${appId}/subscriptions`
      const isRight = isOurs && searchParams.get('access_token') === `${appId}|app secret of the test`
      return isRight ? answer(account.subscriptions) : answer(refusal, 400)
    }
    assert.equal(headers['authorization'], `Bearer ${patient.secrets['access_token']}`)
    switch (pathname) {
      case '/v26.0/debug_token':
        return answer(account.token)
      case `/v26.0/${phoneId}`:
        return answer(account.number)
      case `/v26.0/${wabaId}/phone_numbers`:
        return answer(account.numbers)
      case `/v26.0/${wabaId}/message_templates`:
        return answer({ data: account.templates })
      case `/v26.0/${wabaId}/subscribed_apps`:
        return answer(account.apps)
      default:
        return answer({ error: { message: 'Unsupported get request.', code: 100, error_subcode: 33 } }, 400)
    }
  }

/** A server that answers the handshake as ours does. */
const askOurs: Examination['ask'] = async (url) => {
  const query = new URL(url).searchParams
  const isRight = query.get('hub.mode') === 'subscribe' && query.get('hub.verify_token') === 'verify token of the test'
  return isRight ? { status: 200, body: query.get('hub.challenge') ?? '' } : { status: 403, body: '' }
}

/** Finds nothing wrong with `patient`. */
export const wellExamination: Examination = {
  call: graphOf(wellAccount),
  webhookUrl,
  ask: askOurs,
  expiresInSeconds: 300,
  now,
}
