import { request } from 'undici'
import type { World } from '../world.ts'
import { GraphError } from './errors.ts'
import { type Fields, fieldsOf, textOf } from './fields.ts'

const pinFailuresMax = 5
const callbackLengthMax = 200

/** `GET /{phone_number_id}` */
export function readNumber(world: World): Fields {
  const { account } = world
  const state = account.numberStatus === 'CONNECTED' ? 'AVAILABLE' : 'BLOCKED'
  return {
    id: account.phoneNumberId,
    display_phone_number: '+1 555-078-3881',
    verified_name: account.verifiedName,
    name_status: 'APPROVED',
    code_verification_status: account.isCodeVerified ? 'VERIFIED' : 'NOT_VERIFIED',
    status: account.numberStatus,
    quality_rating: account.qualityRating,
    platform_type: 'CLOUD_API',
    account_mode: 'LIVE',
    throughput: { level: 'STANDARD' },
    is_official_business_account: true,
    official_business_account: { oba_status: 'APPROVED' },
    whatsapp_business_manager_messaging_limit: 'TIER_10K',
    webhook_configuration: {
      ...(account.numberCallback && { phone_number: account.numberCallback.url }),
      ...(account.wabaCallback && { whatsapp_business_account: account.wabaCallback.url }),
      ...(account.appCallbackUrl !== undefined && { application: account.appCallbackUrl }),
    },
    health_status: {
      can_send_message: state,
      entities: [
        { entity_type: 'PHONE_NUMBER', id: account.phoneNumberId, can_send_message: state },
        { entity_type: 'WABA', id: account.wabaId, can_send_message: 'AVAILABLE' },
        { entity_type: 'BUSINESS', id: account.businessId, can_send_message: 'AVAILABLE' },
        { entity_type: 'APP', id: account.appId, can_send_message: 'AVAILABLE' },
      ],
    },
  }
}

/** `GET /{waba_id}` */
export const readWaba = ({ account }: World): Fields => ({
  id: account.wabaId,
  name: account.verifiedName,
  currency: 'USD',
  timezone_id: '1',
  country: 'ID',
  status: 'ACTIVE',
  account_review_status: 'APPROVED',
  business_verification_status: 'verified',
  message_template_namespace: 'simulator',
  whatsapp_business_manager_messaging_limit: 'TIER_10K',
})

/** Only what was asked for, and the id; without `fields` a number shows its usual few. */
export function selectFields(node: Fields, fields: unknown, usual: readonly string[]): Fields {
  const wanted = textOf(fields)?.split(/,(?![^(]*\))/) ?? usual
  for (const name of wanted) {
    if (!(name in node) && name !== 'id') {
      throw new GraphError(100, undefined, {
        message: `(#100) Tried accessing nonexisting field (${name}) on node type`,
      })
    }
  }
  return Object.fromEntries([...wanted, 'id'].map((name) => [name, node[name]]))
}

/** `POST /{phone_number_id}`: a new PIN, or where its webhooks go. */
export async function changeNumber(world: World, body: Fields): Promise<object> {
  const { account } = world
  const pin = textOf(body['pin'])
  if (pin !== undefined) {
    if (!/^\d{6}$/.test(pin)) throw new GraphError(100, 'pin must have six digits.')
    account.pin = pin
  }
  if (body['webhook_configuration'] !== undefined) {
    account.numberCallback = await readCallback(fieldsOf(body['webhook_configuration']))
  }
  return { success: true }
}

/** `POST /{waba_id}/subscribed_apps`: subscribes, and sets or clears the WABA's own URL. */
export async function subscribe(world: World, body: Fields): Promise<object> {
  world.account.wabaCallback = await readCallback(body)
  world.account.isSubscribed = true
  return { success: true }
}

export const readSubscriptions = ({ account }: World): object => ({
  data: account.isSubscribed
    ? [
        {
          whatsapp_business_api_data: {
            id: account.appId,
            name: 'Simulated app',
            link: 'https://www.facebook.com/games/?app_id=634974688087057',
          },
          ...(account.wabaCallback && { override_callback_uri: account.wabaCallback.url }),
        },
      ]
    : [],
})

/** A new URL has to answer the verification GET before it is taken. */
async function readCallback(body: Fields): Promise<{ url: string; verifyToken: string } | undefined> {
  const url = textOf(body['override_callback_uri'])
  if (url === undefined) return undefined
  const verifyToken = textOf(body['verify_token'])
  if (url.length > callbackLengthMax || verifyToken === undefined) {
    throw new GraphError(
      100,
      `override_callback_uri has at most ${callbackLengthMax} characters and needs a verify_token.`,
    )
  }
  const challenge = '1158201444'
  const query = new URLSearchParams({
    'hub.mode': 'subscribe',
    'hub.challenge': challenge,
    'hub.verify_token': verifyToken,
  })
  const answer = await request(`${url}?${query.toString()}`, { headersTimeout: 5000, bodyTimeout: 5000 })
    .then(async ({ statusCode, body: text }) => ({ statusCode, text: await text.text() }))
    .catch(() => undefined)
  if (answer?.statusCode !== 200 || answer.text !== challenge) {
    throw new GraphError(2200, undefined, {
      message: `(#2200) Callback verification failed with the following errors: HTTP Status Code = ${answer?.statusCode ?? 'none'}`,
    })
  }
  return { url, verifyToken }
}

/** `POST /{phone_number_id}/register` */
export function register(world: World, body: Fields): object {
  const { account } = world
  const pin = textOf(body['pin'])
  if (pin === undefined || !/^\d{6}$/.test(pin)) throw new GraphError(100, 'pin must have six digits.')
  if (account.pinFailures >= pinFailuresMax) throw new GraphError(133008, 'Wait 10 minutes.')
  if (account.pin !== undefined && account.pin !== pin) {
    account.pinFailures++
    throw new GraphError(133005, 'The PIN is wrong.')
  }
  account.pinFailures = 0
  account.pin = pin
  account.numberStatus = 'CONNECTED'
  return { success: true }
}

/** `POST /{phone_number_id}/verify_code`; every number of this world gets the code 123456. */
export function verifyCode(world: World, body: Fields): object {
  if ((textOf(body['code']) ?? '').replace('-', '') !== '123456') throw new GraphError(136025, 'The code is wrong.')
  world.account.isCodeVerified = true
  return { success: true, id: world.account.phoneNumberId }
}

/** `GET /debug_token` */
export function debugToken({ account, clock }: World, inputToken: unknown): object {
  const isValid = inputToken === account.accessToken
  if (!isValid)
    return {
      data: { is_valid: false, error: { code: 190, message: 'The access token could not be decrypted' }, scopes: [] },
    }
  const scopes = ['whatsapp_business_management', 'whatsapp_business_messaging']
  return {
    data: {
      app_id: account.appId,
      type: 'SYSTEM_USER',
      application: 'Simulated app',
      is_valid: true,
      issued_at: Math.floor(clock.now() / 1000) - 86_400,
      expires_at: 0,
      scopes,
      granular_scopes: [{ scope: 'whatsapp_business_messaging', target_ids: [account.wabaId] }],
    },
  }
}
