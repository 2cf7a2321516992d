export const templateStatuses = ['APPROVED', 'PENDING', 'REJECTED', 'PAUSED', 'DISABLED'] as const
export const templateCategories = ['AUTHENTICATION', 'UTILITY', 'MARKETING'] as const

export interface Template {
  readonly id: string
  readonly name: string
  readonly language: string
  category: (typeof templateCategories)[number]
  status: (typeof templateStatuses)[number]
  ttlSeconds: number | undefined
  components: readonly TemplateComponent[]
  isNamed: boolean
  /** Unix milliseconds of its edits while it was approved. */
  edits: readonly number[]
}

export interface TemplateComponent {
  readonly type: 'BODY' | 'FOOTER' | 'HEADER' | 'BUTTONS'
  readonly text?: string
  /** Of a header: TEXT, or a kind of media. */
  readonly format?: string
  readonly example?: unknown
  readonly addSecurityRecommendation?: boolean
  readonly codeExpirationMinutes?: number
  readonly button?: OtpButton
  /** Of a template that is not for authentication, as they came. */
  readonly buttons?: readonly Readonly<Record<string, unknown>>[]
}

export interface OtpButton {
  readonly otpType: 'COPY_CODE' | 'ONE_TAP' | 'ZERO_TAP'
  readonly text: string | undefined
  readonly autofillText: string | undefined
  readonly supportedApps: readonly { readonly packageName: string; readonly signatureHash: string }[]
}

export const templateKey = (name: string, language: string): string => `${name} ${language}`

export const componentOf = (template: Template, type: TemplateComponent['type']): TemplateComponent | undefined =>
  template.components.find((one) => one.type === type)

const codeMinutesDefault = 10

/** Without a footer the button still stops working in the end. */
export const codeMinutesOf = (template: Template): number =>
  componentOf(template, 'FOOTER')?.codeExpirationMinutes ?? codeMinutesDefault

export const longestTtlSeconds = 30 * 86_400
const authenticationTtlSeconds = 600

/** -1 stands for the longest there is; so does nothing, but for authentication. */
export function ttlSecondsOf({ ttlSeconds, category }: Template): number {
  if (ttlSeconds === undefined) return category === 'AUTHENTICATION' ? authenticationTtlSeconds : longestTtlSeconds
  return ttlSeconds === -1 ? longestTtlSeconds : ttlSeconds
}
