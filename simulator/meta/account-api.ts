import type { FastifyInstance } from 'fastify'
import {
  ControlError,
  flag,
  graphCode,
  integerFrom,
  listOf,
  oneOf,
  orNull,
  type Reader,
  readMembers,
  textLike,
} from '../control/control-body.ts'
import type { World } from '../world/world.ts'
import { accountNewsFields } from './account-news-fields.ts'
import { enqueueAccountNews, tellQuality } from './account-news.ts'
import {
  type Account,
  type AccountState,
  type Health,
  healthParts,
  healthStates,
  healthyState,
  messagingLimits,
  nameStatuses,
  numberStatuses,
  qualityRatings,
  recipientModes,
} from './account.ts'

const someText = textLike(/^[\s\S]{1,500}$/, 'a text of 1 to 500 characters')
const anyObject: Reader<object> = (value, name) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ControlError(400, `"${name}" must be an object.`)
  return value
}
const time: Reader<number> = (value, name) => {
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value)))
    throw new ControlError(400, `"${name}" must be a time, for example 2026-12-01T00:00:00Z, or null.`)
  return Math.floor(Date.parse(value) / 1000)
}

const oneError: Reader<Health['errors'][number]> = (value) => {
  const {
    error_code: code = 0,
    error_description: description = '',
    possible_solution: solution = '',
  } = readMembers(value, {
    error_code: integerFrom(0, 9_999_999),
    error_description: someText,
    possible_solution: someText,
  })
  return { code, description, solution }
}

const health: Reader<Health> = (value) => {
  const {
    can_send_message: canSend = 'AVAILABLE',
    errors = [],
    additional_info: additionalInfo = [],
  } = readMembers(value, {
    can_send_message: oneOf(healthStates),
    errors: listOf(oneError, 10),
    additional_info: listOf(someText, 10),
  })
  return { canSend, errors, additionalInfo }
}

const parts: Reader<AccountState['health']> = (value) =>
  readMembers(value, Object.fromEntries(healthParts.map((part) => [part, health])))

const readers = {
  number_status: oneOf(numberStatuses),
  quality_rating: oneOf(qualityRatings),
  name_status: oneOf(nameStatuses),
  messaging_limit: oneOf(messagingLimits),
  is_code_verified: flag,
  scopes: listOf(textLike(/^[a-z_]{1,60}$/, 'a list of permissions'), 20),
  token_expires_at: orNull(time),
  is_token_valid: flag,
  is_subscribed: flag,
  subscribed_app_id: textLike(/^\d{5,30}$/, 'the id of an app'),
  app_fields: listOf(textLike(/^[a-z_]{1,60}$/, 'a list of webhook fields'), 50),
  is_app_active: flag,
  health: parts,
  refused_with: orNull(graphCode),
  recipient_mode: oneOf(recipientModes),
} as const

/** How the account is: everything that can be sick about it, and back to health. */
export async function accountRoutes(app: FastifyInstance, { world }: { world: World }): Promise<void> {
  const { account } = world
  app.get('/account', async () => represent(account))
  app.put('/account', async (request) => {
    const { qualityRating: before } = account
    Object.assign(account, changesOf(request.body))
    for (const number of account.numbers) tellQuality(world, number, before)
    return represent(account)
  })
  // Whatever else Meta may tell of account, number and templates.
  app.post('/account/news', async (request) => {
    const { field, value } = readMembers(request.body, { field: oneOf(accountNewsFields), value: anyObject })
    if (field === undefined) throw new ControlError(400, `"field" must be one of ${accountNewsFields.join(', ')}.`)
    return { is_heard: enqueueAccountNews(world, field, value ?? {}) }
  })
  app.delete('/account', async () => {
    Object.assign(account, healthyState())
    return represent(account)
  })
}

function changesOf(body: unknown): Partial<AccountState> {
  const read = readMembers(body, readers)
  const changes: { [Name in keyof AccountState]: AccountState[Name] | undefined } = {
    numberStatus: read.number_status,
    qualityRating: read.quality_rating,
    nameStatus: read.name_status,
    messagingLimit: read.messaging_limit,
    isCodeVerified: read.is_code_verified,
    scopes: read.scopes,
    tokenExpiresAt: 'token_expires_at' in read ? (read.token_expires_at ?? 0) : undefined,
    isTokenValid: read.is_token_valid,
    isSubscribed: read.is_subscribed,
    subscribedAppId: read.subscribed_app_id,
    appFields: read.app_fields,
    isAppActive: read.is_app_active,
    health: read.health,
    refusedWith: read.refused_with,
    recipientMode: read.recipient_mode,
  }
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  // Null takes the refusal away, which looks like a member that was not given.
  return 'refused_with' in read ? { ...given, refusedWith: read.refused_with } : given
}

const represent = (account: Account): object => ({
  number_status: account.numberStatus,
  quality_rating: account.qualityRating,
  name_status: account.nameStatus,
  messaging_limit: account.messagingLimit,
  is_code_verified: account.isCodeVerified,
  scopes: account.scopes,
  token_expires_at: account.tokenExpiresAt === 0 ? null : new Date(account.tokenExpiresAt * 1000).toISOString(),
  is_token_valid: account.isTokenValid,
  is_subscribed: account.isSubscribed,
  subscribed_app_id: account.subscribedAppId,
  app_fields: account.appFields,
  is_app_active: account.isAppActive,
  health: Object.fromEntries(
    Object.entries(account.health).map(([part, { canSend, errors, additionalInfo }]) => [
      part,
      {
        can_send_message: canSend,
        errors: errors.map(({ code, description, solution }) => ({
          error_code: code,
          error_description: description,
          possible_solution: solution,
        })),
        additional_info: additionalInfo,
      },
    ]),
  ),
  refused_with: account.refusedWith ?? null,
  recipient_mode: account.recipientMode,
})
