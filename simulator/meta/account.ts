import { createHash } from 'node:crypto'
import { accountNewsFields } from './account-news-fields.ts'
import type { Template } from './template.ts'

export interface Callback {
  readonly url: string
  readonly verifyToken: string
}

/** What the health of one part of the account says; a part without one is available. */
export interface Health {
  readonly canSend: (typeof healthStates)[number]
  readonly errors: readonly { readonly code: number; readonly description: string; readonly solution: string }[]
  readonly additionalInfo: readonly string[]
}

/** From well to worst. */
export const healthStates = ['AVAILABLE', 'LIMITED', 'BLOCKED'] as const
export const healthParts = ['PHONE_NUMBER', 'WABA', 'BUSINESS', 'APP'] as const
export const messagingScope = 'whatsapp_business_messaging'
export const managementScope = 'whatsapp_business_management'

export const numberStatuses = [
  'CONNECTED',
  'PENDING',
  'DISCONNECTED',
  'UNVERIFIED',
  'FLAGGED',
  'RESTRICTED',
  'RATE_LIMITED',
  'BANNED',
] as const
export const qualityRatings = ['GREEN', 'YELLOW', 'RED', 'NA'] as const
export const nameStatuses = [
  'APPROVED',
  'AVAILABLE_WITHOUT_REVIEW',
  'DECLINED',
  'EXPIRED',
  'PENDING_REVIEW',
  'NONE',
] as const
export const messagingLimits = ['TIER_50', 'TIER_250', 'TIER_2K', 'TIER_10K', 'TIER_100K', 'TIER_UNLIMITED'] as const
export const recipientModes = ['lenient', 'strict'] as const

/** What can be wrong with an account, so that it can be tried how a server and its doctor take it. */
export interface AccountState {
  numberStatus: (typeof numberStatuses)[number]
  qualityRating: (typeof qualityRatings)[number]
  nameStatus: (typeof nameStatuses)[number]
  messagingLimit: (typeof messagingLimits)[number]
  isCodeVerified: boolean
  scopes: readonly string[]
  /** Unix seconds; 0: never. */
  tokenExpiresAt: number
  isTokenValid: boolean
  isSubscribed: boolean
  /** The app that gets the webhooks of the account; another one than ours gets what we should. */
  subscribedAppId: string
  /** Webhook fields our app is subscribed to. */
  appFields: readonly string[]
  isAppActive: boolean
  health: Readonly<Partial<Record<(typeof healthParts)[number], Health>>>
  /** Code every send is refused with. */
  refusedWith: number | undefined
  /** Strict: a number without a plus gets the calling code of the business in front, as documented. */
  recipientMode: (typeof recipientModes)[number]
}

export interface AccountNumber {
  readonly phoneNumberId: string
  /** Digits. */
  readonly displayPhoneNumber: string
  /** As people write it. */
  readonly spelled: string
  readonly verifiedName: string
  callback: Callback | undefined
}

/** The WhatsApp Business Account of the simulated world. What its state says is true of all its numbers. */
export interface Account extends AccountState {
  readonly wabaId: string
  /** The first for codes, the second for chats: real businesses keep them apart as well. */
  readonly numbers: readonly [AccountNumber, AccountNumber]
  /** Calling code of the numbers. */
  readonly callingCode: string
  readonly appId: string
  readonly businessId: string
  readonly verifiedName: string
  readonly accessToken: string
  readonly appSecret: string
  readonly verifyToken: string
  readonly smsToken: string
  readonly templates: Map<string, Template>
  /** Names of deleted templates, with the language when others are left, and until when nobody may use them again. */
  readonly deletedNames: Map<string, number>
  wabaCallback: Callback | undefined
  /** App-level URL, set in Meta's dashboard in the real world. */
  appCallbackUrl: string | undefined
  pin: string | undefined
  pinFailures: number
  isIdentityCheckOn: boolean
  profile: Record<string, unknown>
}

export interface AccountOptions {
  readonly accessToken?: string | undefined
  readonly appSecret?: string | undefined
  readonly verifyToken?: string | undefined
  readonly smsToken?: string | undefined
  readonly callbackUrl?: string | undefined
  readonly verifiedName?: string | undefined
}

const appId = '634974688087057'

export const healthyState = (): AccountState => ({
  numberStatus: 'CONNECTED',
  qualityRating: 'GREEN',
  nameStatus: 'APPROVED',
  messagingLimit: 'TIER_10K',
  isCodeVerified: true,
  scopes: [managementScope, messagingScope],
  tokenExpiresAt: 0,
  isTokenValid: true,
  isSubscribed: true,
  subscribedAppId: appId,
  appFields: ['messages', ...accountNewsFields],
  isAppActive: true,
  health: {},
  refusedWith: undefined,
  recipientMode: 'lenient',
})

/** Only for a world of its own; a server that mounts the simulator hands in its own. */
const fixed = (name: string): string => createHash('sha256').update(`centang simulator ${name}`).digest('hex')

export const newAccount = (options: AccountOptions): Account => ({
  ...healthyState(),
  wabaId: '102290129340398',
  numbers: [
    {
      phoneNumberId: '106540352242922',
      displayPhoneNumber: '15550783881',
      spelled: '+1 555-078-3881',
      verifiedName: options.verifiedName ?? 'Demo Bank',
      callback: undefined,
    },
    {
      phoneNumberId: '106540352242933',
      displayPhoneNumber: '15550783882',
      spelled: '+1 555-078-3882',
      verifiedName: `${options.verifiedName ?? 'Demo Bank'} Care`,
      callback: undefined,
    },
  ],
  callingCode: '1',
  appId,
  businessId: '506914307656634',
  verifiedName: options.verifiedName ?? 'Demo Bank',
  accessToken: options.accessToken ?? `EAA${fixed('access token')}`,
  appSecret: options.appSecret ?? fixed('app secret').slice(0, 32),
  verifyToken: options.verifyToken ?? fixed('verify token').slice(0, 32),
  smsToken: options.smsToken ?? fixed('sms token'),
  templates: new Map(),
  deletedNames: new Map(),
  wabaCallback: undefined,
  appCallbackUrl: options.callbackUrl,
  pin: '000000',
  pinFailures: 0,
  isIdentityCheckOn: false,
  profile: {},
})

export const numberOf = (account: Account, phoneNumberId: string): AccountNumber | undefined =>
  account.numbers.find((one) => one.phoneNumberId === phoneNumberId)

/** Where news of messages go, if they go anywhere. */
export function callbackUrlOf(account: Account, number: AccountNumber): string | undefined {
  const { isSubscribed, subscribedAppId, isAppActive, appFields } = account
  if (!isSubscribed || subscribedAppId !== account.appId || !isAppActive || !appFields.includes('messages'))
    return undefined
  return number.callback?.url ?? account.wabaCallback?.url ?? account.appCallbackUrl
}
