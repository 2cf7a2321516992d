import { createHash } from 'node:crypto'

export interface Template {
  readonly id: string
  readonly name: string
  readonly language: string
  readonly category: string
  status: 'APPROVED' | 'PENDING' | 'REJECTED' | 'PAUSED' | 'DISABLED'
  ttlSeconds: number | undefined
  components: readonly TemplateComponent[]
}

export interface TemplateComponent {
  readonly type: 'BODY' | 'FOOTER' | 'HEADER' | 'BUTTONS'
  readonly text?: string
  readonly addSecurityRecommendation?: boolean
  readonly codeExpirationMinutes?: number
  readonly button?: {
    readonly otpType: 'COPY_CODE' | 'ONE_TAP' | 'ZERO_TAP'
    readonly text: string | undefined
    readonly supportedApps: readonly { readonly packageName: string; readonly signatureHash: string }[]
  }
}

export interface Callback {
  readonly url: string
  readonly verifyToken: string
}

/** The WhatsApp Business Account of the simulated world, with its one number. */
export interface Account {
  readonly wabaId: string
  readonly phoneNumberId: string
  readonly displayPhoneNumber: string
  readonly appId: string
  readonly businessId: string
  readonly verifiedName: string
  readonly accessToken: string
  readonly appSecret: string
  readonly verifyToken: string
  readonly smsToken: string
  readonly templates: Map<string, Template>
  isSubscribed: boolean
  wabaCallback: Callback | undefined
  numberCallback: Callback | undefined
  /** App-level URL, set in Meta's dashboard in the real world. */
  appCallbackUrl: string | undefined
  numberStatus: 'CONNECTED' | 'PENDING' | 'DISCONNECTED' | 'BANNED'
  qualityRating: 'GREEN' | 'YELLOW' | 'RED'
  isCodeVerified: boolean
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

/** Only for a world of its own; a server that mounts the simulator hands in its own. */
const fixed = (name: string): string => createHash('sha256').update(`centang simulator ${name}`).digest('hex')

export const newAccount = (options: AccountOptions): Account => ({
  wabaId: '102290129340398',
  phoneNumberId: '106540352242922',
  displayPhoneNumber: '15550783881',
  appId: '634974688087057',
  businessId: '506914307656634',
  verifiedName: options.verifiedName ?? 'Demo Bank',
  accessToken: options.accessToken ?? `EAA${fixed('access token')}`,
  appSecret: options.appSecret ?? fixed('app secret').slice(0, 32),
  verifyToken: options.verifyToken ?? fixed('verify token').slice(0, 32),
  smsToken: options.smsToken ?? fixed('sms token'),
  templates: new Map(),
  isSubscribed: true,
  wabaCallback: undefined,
  numberCallback: undefined,
  appCallbackUrl: options.callbackUrl,
  numberStatus: 'CONNECTED',
  qualityRating: 'GREEN',
  isCodeVerified: true,
  pin: '000000',
  pinFailures: 0,
  isIdentityCheckOn: false,
  profile: {},
})

export const callbackUrlOf = (account: Account): string | undefined =>
  account.isSubscribed
    ? (account.numberCallback?.url ?? account.wabaCallback?.url ?? account.appCallbackUrl)
    : undefined

export const templateKey = (name: string, language: string): string => `${name} ${language}`
