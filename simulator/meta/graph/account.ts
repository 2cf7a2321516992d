import type { World } from '../../world/world.ts'
import type { AccountNumber } from '../account.ts'
import { readCallback } from './callback.ts'
import { badParameter, GraphError } from './errors.ts'
import { type Fields, fieldsOf, textOf } from './fields.ts'
import { numberHealth, wabaHealth } from './health.ts'

const pinFailuresMax = 5

/** `GET /{phone_number_id}` */
export function readNumber(world: World, number: AccountNumber): Fields {
  const { account } = world
  return {
    id: number.phoneNumberId,
    display_phone_number: number.spelled,
    verified_name: number.verifiedName,
    name_status: account.nameStatus,
    code_verification_status: account.isCodeVerified ? 'VERIFIED' : 'NOT_VERIFIED',
    status: account.numberStatus,
    quality_rating: account.qualityRating,
    platform_type: 'CLOUD_API',
    account_mode: 'LIVE',
    throughput: { level: 'STANDARD' },
    is_official_business_account: true,
    official_business_account: { oba_status: 'APPROVED' },
    whatsapp_business_manager_messaging_limit: account.messagingLimit,
    webhook_configuration: {
      ...(number.callback && { phone_number: number.callback.url }),
      ...(account.wabaCallback && { whatsapp_business_account: account.wabaCallback.url }),
      ...(account.appCallbackUrl !== undefined && { application: account.appCallbackUrl }),
    },
    health_status: numberHealth(world, number),
  }
}

/** `GET /{waba_id}` */
export const readWaba = (world: World): Fields => ({
  id: world.account.wabaId,
  name: world.account.verifiedName,
  currency: 'USD',
  timezone_id: '1',
  country: 'ID',
  status: 'ACTIVE',
  account_review_status: 'APPROVED',
  business_verification_status: 'verified',
  message_template_namespace: 'simulator',
  whatsapp_business_manager_messaging_limit: world.account.messagingLimit,
  health_status: wabaHealth(world),
})

/** `POST /{phone_number_id}`: a new PIN, or where its webhooks go. */
export async function changeNumber(world: World, number: AccountNumber, body: Fields): Promise<object> {
  const { account } = world
  const pin = textOf(body['pin'])
  if (pin !== undefined) {
    if (!/^\d{6}$/.test(pin)) throw badParameter('Param pin must have six digits.')
    account.pin = pin
  }
  if (body['webhook_configuration'] !== undefined)
    number.callback = await readCallback(world, fieldsOf(body['webhook_configuration']), 'override_callback_uri')
  return { success: true }
}

/** `POST /{waba_id}/subscribed_apps`: subscribes, and sets or clears the WABA's own URL. */
export async function subscribe(world: World, body: Fields): Promise<object> {
  const { account } = world
  account.wabaCallback = await readCallback(world, body, 'override_callback_uri')
  account.isSubscribed = true
  account.subscribedAppId = account.appId
  return { success: true }
}

/** `GET /{waba_id}/subscribed_apps` */
export const readSubscribedApps = ({ account }: World): object => ({
  data: account.isSubscribed
    ? [
        {
          whatsapp_business_api_data: {
            id: account.subscribedAppId,
            name: account.subscribedAppId === account.appId ? 'Simulated app' : 'Another app',
            link: `https://www.facebook.com/games/?app_id=${account.subscribedAppId}`,
          },
          ...(account.wabaCallback && { override_callback_uri: account.wabaCallback.url }),
        },
      ]
    : [],
})

/** `POST /{phone_number_id}/register` */
export function register(world: World, body: Fields): object {
  const { account } = world
  const pin = textOf(body['pin'])
  if (pin === undefined || !/^\d{6}$/.test(pin)) throw badParameter('Param pin must have six digits.')
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
export function verifyCode(world: World, number: AccountNumber, body: Fields): object {
  if ((textOf(body['code']) ?? '').replace('-', '') !== '123456') throw new GraphError(136025, 'The code is wrong.')
  world.account.isCodeVerified = true
  return { success: true, id: number.phoneNumberId }
}

/** `POST /{phone_number_id}/settings`: from then on news of a person carries the hash of who they are. */
export function changeSettings({ account }: World, body: Fields): object {
  const { enable_identity_key_check: isOn } = fieldsOf(body['user_identity_change'])
  if (typeof isOn !== 'boolean') throw badParameter('Param enable_identity_key_check must be true or false.')
  account.isIdentityCheckOn = isOn
  return { success: true }
}
