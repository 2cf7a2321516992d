import type { World } from '../../world/world.ts'
import { readCallback } from './callback.ts'
import { badParameter } from './errors.ts'
import { type Fields, textOf } from './fields.ts'

const object = 'whatsapp_business_account'

/** `GET /debug_token` */
export function debugToken({ account, clock }: World, inputToken: unknown): object {
  const now = Math.floor(clock.now() / 1000)
  if (inputToken !== account.accessToken || !account.isTokenValid)
    return {
      data: { is_valid: false, error: { code: 190, message: 'The access token could not be decrypted' }, scopes: [] },
    }
  const { scopes, tokenExpiresAt } = account
  const isOver = tokenExpiresAt > 0 && tokenExpiresAt <= now
  return {
    data: {
      app_id: account.appId,
      type: 'SYSTEM_USER',
      application: 'Simulated app',
      is_valid: !isOver,
      issued_at: now - 86_400,
      expires_at: tokenExpiresAt,
      ...(isOver && { error: { code: 190, subcode: 463, message: 'The session has expired.' } }),
      scopes,
      granular_scopes: scopes.map((scope) => ({ scope, target_ids: [account.wabaId] })),
    },
  }
}

/**
 * `GET /{app_id}/subscriptions`. An app has no subscription without a URL; here the first who gives the account or the
 * number a URL of its own has given the app one as well.
 */
export function readSubscriptions({ account }: World): object {
  const url =
    account.appCallbackUrl ??
    account.wabaCallback?.url ??
    account.numbers.find(({ callback }) => callback)?.callback?.url
  if (url === undefined) return { data: [] }
  return {
    data: [
      {
        object,
        callback_url: url,
        active: account.isAppActive,
        fields: account.appFields.map((name) => ({ name, version: 'v26.0' })),
      },
    ],
  }
}

/** `POST /{app_id}/subscriptions`: what the app dashboard does under WhatsApp → Configuration. */
export async function changeSubscription(world: World, body: Fields): Promise<object> {
  const { account } = world
  if (body['object'] !== object) throw badParameter(`Param object must be ${object}.`)
  const fields = Array.isArray(body['fields']) ? body['fields'].map(String) : textOf(body['fields'])?.split(',')
  if (!fields) throw badParameter('The parameter fields is required.')
  const callback = await readCallback(world, body, 'callback_url')
  if (!callback) throw badParameter('The parameter callback_url is required.')
  account.appCallbackUrl = callback.url
  account.appFields = fields
  account.isAppActive = true
  return { success: true }
}
