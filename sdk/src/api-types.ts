// Made of the server's OpenAPI file by sdk/generate.ts; do not edit.

/** Why a request was refused. Newer servers may know more. */
export type RefusalCode =
  | 'body_invalid'
  | 'recipient_invalid'
  | 'recipient_not_allowed'
  | 'credentials_missing'
  | 'credentials_invalid'
  | 'permission_missing'
  | 'address_not_allowed'
  | 'operator_throttled'
  | 'operator_required'
  | 'connection_limit_reached'
  | 'metrics_token_missing'
  | 'host_not_allowed'
  | 'resource_not_found'
  | 'route_not_found'
  | 'cursor_ahead'
  | 'cursor_expired'
  | 'stream_limit_reached'
  | 'quota_reached'
  | 'idempotency_key_reused'
  | 'idempotency_key_invalid'
  | 'idempotency_answer_gone'
  | 'webhook_signature_invalid'
  | 'payload_too_large'
  | 'content_type_unsupported'
  | 'request_unreadable'
  | 'request_too_slow'
  | 'headers_too_large'
  | 'method_not_allowed'
  | 'busy'
  | 'database_unavailable'
  | 'internal'
  | 'ledger_exists_with_different_content'
  | 'ledger_pending_not_found'
  | 'ledger_not_pending'
  | 'ledger_debit_account_not_found'
  | 'ledger_credit_account_not_found'
  | 'ledger_currency_differs'
  | 'ledger_debit_account_closed'
  | 'ledger_credit_account_closed'
  | 'ledger_pending_already_posted'
  | 'ledger_pending_already_voided'
  | 'ledger_pending_already_expired'
  | 'ledger_exceeds_pending'
  | 'ledger_overflows'
  | 'ledger_exceeds_balance'
  | 'ledger_exceeds_limit'
  | 'idempotency_key_missing'
  | 'account_not_empty'
  | 'live_key_required'
  | 'channel_unavailable'
  | 'webhook_token_invalid'
  | 'news_not_kept'
  | 'code_unsuitable'
  | 'code_too_short'
  | 'channel_not_offered'
  | 'verification_not_found'
  | 'verification_closed'
  | 'verification_expired'
  | 'check_limit_reached'
  | 'checks_paused'
  | 'recipient_budget_spent'
  | 'recipient_disabled'
  | 'resend_too_soon'
  | 'send_limit_reached'
  | 'send_denied'
  | 'workflow_exhausted'
  | 'key_unavailable'
  | 'country_not_allowed'
  | 'line_type_not_allowed'
  | 'recipient_day_limit_reached'
  | 'unproven_block_limit_reached'
  | 'unproven_range_limit_reached'
  | 'unproven_country_limit_reached'
  | 'unproven_network_limit_reached'
  | 'unproven_device_limit_reached'
  | 'elsewhere_block_limit_reached'
  | 'elsewhere_failed_limit_reached'
  | 'business_hour_limit_reached'
  | 'business_day_limit_reached'
  | 'message_recipient_limit_reached'
  | 'message_sender_limit_reached'
  | 'checks_slowed'

/** What the code authorises, shown to the person as it is written. A code of one amount and payee authorises no other. */
export interface Transaction {
  /** Your name for it, for example of the order. Two starts share a code only when it is the same. */
  readonly id?: string | undefined
  /** Decimal, for example `120.00`, with no more decimals than the currency has (ISO 4217): it is shown as it is written, and never rounded. */
  readonly amount: string
  /** ISO 4217, a currency in use. */
  readonly currency: string
  /** Who gets it. One line of at most 140 characters, without links, and without characters that nobody sees or that change the direction of writing. */
  readonly payee: string
}

/** How a code travels. */
export type Channel = 'whatsapp' | 'sms'

export interface WantedStep {
  /** How a code travels. */
  readonly channel: Channel
  /** Go on after so long without delivery. Default 60. */
  readonly wait_seconds?: number | undefined
}

export interface StartBody {
  /** Phone number in E.164 form. (An e-mail address is read too, and refused as long as no sender carries e-mail.) */
  readonly to: string
  /** How a code travels. */
  readonly channel?: Channel | undefined
  readonly workflow?: readonly WantedStep[] | undefined
  /** Language of what the person reads: `en`, `id`, `es` or `pt-BR`. A tag with another region or spelling is read too (`es-419`, `id_ID`, `in`, `pt`). */
  readonly locale?: string | undefined
  /** What for. Codes are shared within one purpose. Default `verification`. */
  readonly purpose?: string | undefined
  /** Digits of the code, no fewer than the application's, which is the default. */
  readonly code_length?: number | undefined
  /** Lifetime of the code. Default: the application's. */
  readonly expires_in_seconds?: number | undefined
  /** A code of your own making instead of the server's. */
  readonly code?: string | undefined
  /** What the code authorises, shown to the person as it is written. A code of one amount and payee authorises no other. */
  readonly transaction?: Transaction | undefined
  /** Who asked you for the code. Your pre-send hook is told; and when one network or device asks for many codes that nobody enters, further ones are refused. */
  readonly client?: {
    /** IPv4 or IPv6 address of the person, not of your proxy or server. */
    readonly ip?: string | undefined
    /** Of the person's browser or app. */
    readonly user_agent?: string | undefined
    /** Your own name of the device or installation. */
    readonly device_id?: string | undefined
  } | undefined
  /** Kept with it, for you. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

export interface CheckBody {
  /** As the person typed it: spaces, dashes and digits of any script are read. */
  readonly code: string
  /** What the code authorises, shown to the person as it is written. A code of one amount and payee authorises no other. */
  readonly transaction?: Transaction | undefined
}

export type VerificationStatus = 'pending' | 'approved' | 'canceled' | 'expired' | 'blocked' | 'undeliverable'

export interface WorkflowStep {
  /** How a code travels. */
  readonly channel: Channel
  readonly wait_seconds: number
}

export interface Delivery {
  readonly id: string
  /** How a code travels. */
  readonly channel: Channel
  readonly status: 'queued' | 'sent' | 'delivered' | 'read' | 'failed' | 'unknown'
  /** Why it failed, in our words. */
  readonly reason: string | null
  /** Why, for people. */
  readonly detail: string | null
  /** The provider's own code, raw. */
  readonly provider_code: string | null
  readonly queued_at: string
  readonly sent_at: string | null
  readonly delivered_at: string | null
  readonly read_at: string | null
  readonly failed_at: string | null
}

export interface TimelineEntry {
  readonly at: string
  /** As webhooks and the event stream call it. */
  readonly type: string
  /** How a code travels. */
  readonly channel: Channel | null
  readonly reason: string | null
  readonly provider_code: string | null
  readonly delivery_id: string | null
}

/** The verification as it stands now. */
export interface Verification {
  readonly id: string
  readonly status: VerificationStatus
  readonly to: string
  /** How a code travels. */
  readonly channel: Channel
  readonly purpose: string
  readonly locale: string
  /** Digits of the code. */
  readonly code_length: number
  /** Started with a test key: nothing left the simulator. */
  readonly test: boolean
  readonly checks_remaining: number
  readonly sends_remaining: number
  readonly created_at: string
  readonly expires_at: string
  readonly resend_after: string | null
  /** The same as seconds from this answer on: what a page counts down, whatever its clock says. */
  readonly resend_in_seconds: number | null
  readonly ended_at: string | null
  /** What the code authorises, shown to the person as it is written. A code of one amount and payee authorises no other. */
  readonly transaction: {
    /** Your name for it, for example of the order. Two starts share a code only when it is the same. */
    readonly id?: string | undefined
    /** Decimal, for example `120.00`, with no more decimals than the currency has (ISO 4217): it is shown as it is written, and never rounded. */
    readonly amount: string
    /** ISO 4217, a currency in use. */
    readonly currency: string
    /** Who gets it. One line of at most 140 characters, without links, and without characters that nobody sees or that change the direction of writing. */
    readonly payee: string
  } | null
  readonly metadata: Readonly<Record<string, string>> | null
  readonly workflow: readonly WorkflowStep[]
  readonly deliveries: readonly Delivery[]
}

/** The verification with everything that happened to it. */
export interface VerificationWithTimeline {
  readonly id: string
  readonly status: VerificationStatus
  readonly to: string
  /** How a code travels. */
  readonly channel: Channel
  readonly purpose: string
  readonly locale: string
  /** Digits of the code. */
  readonly code_length: number
  /** Started with a test key: nothing left the simulator. */
  readonly test: boolean
  readonly checks_remaining: number
  readonly sends_remaining: number
  readonly created_at: string
  readonly expires_at: string
  readonly resend_after: string | null
  /** The same as seconds from this answer on: what a page counts down, whatever its clock says. */
  readonly resend_in_seconds: number | null
  readonly ended_at: string | null
  /** What the code authorises, shown to the person as it is written. A code of one amount and payee authorises no other. */
  readonly transaction: {
    /** Your name for it, for example of the order. Two starts share a code only when it is the same. */
    readonly id?: string | undefined
    /** Decimal, for example `120.00`, with no more decimals than the currency has (ISO 4217): it is shown as it is written, and never rounded. */
    readonly amount: string
    /** ISO 4217, a currency in use. */
    readonly currency: string
    /** Who gets it. One line of at most 140 characters, without links, and without characters that nobody sees or that change the direction of writing. */
    readonly payee: string
  } | null
  readonly metadata: Readonly<Record<string, string>> | null
  readonly workflow: readonly WorkflowStep[]
  readonly deliveries: readonly Delivery[]
  readonly timeline: readonly TimelineEntry[]
}

/** Right or wrong: both are answers. */
export interface Checked {
  readonly id: string
  readonly status: VerificationStatus
  /** Whether the code was right. */
  readonly valid: boolean
  /** Wrong codes that are still allowed. */
  readonly checks_remaining: number
  /** For a page with a client token that brought the right code: a JWT for your server, verified with `/.well-known/jwks.json`. */
  readonly result?: string | undefined
}

/** The sender. */
export interface Sender {
  readonly id: string
  readonly mode: 'test' | 'live'
  /** How a code travels. */
  readonly channel: Channel
  readonly provider: string
  readonly purpose: 'authentication' | 'utility' | 'marketing' | 'service'
  readonly config: Readonly<Record<string, unknown>>
  /** Where the provider sends its receipts. */
  readonly webhook_url: string
  /** What the provider told of it, and what its messages fail by: of each check the newest, 50 at most. */
  readonly notices: readonly ({
    readonly kind: 'account' | 'number' | 'template' | 'security' | 'other_number' | 'failing'
    /** What it is about, for example one template. */
    readonly check: string
    readonly state: 'ok' | 'warning' | 'problem'
    /** In the provider's words. */
    readonly detail: string
    /** What to do about it. */
    readonly mend: string | null
    readonly at: string
  })[]
}

/** For a page: read, check, resend and next of this one verification. */
export interface ClientToken {
  /** `ct_…`. Opens this verification and nothing else. */
  readonly token: string
  readonly expires_at: string
}

export interface HostedPageBody {
  /** Yours; below the application’s domain when it has one. */
  readonly return_url?: string | undefined
  /** Random, kept in the session of the person who started. Asked for with `return_url`. */
  readonly nonce?: string | undefined
  /** The one site that may show the page in a frame; no star stands for several. */
  readonly frame_origin?: string | undefined
}

/** The link. */
export interface HostedPage {
  readonly url: string
  readonly expires_at: string
}

export interface ListQuery {
  readonly to?: string | undefined
  readonly status?: VerificationStatus | undefined
  readonly purpose?: string | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

/** A page of verifications; `next_cursor` is null on the last one. */
export interface VerificationPage {
  readonly data: readonly Verification[]
  readonly next_cursor: string | null
}

export type VerificationWebhookKind =
  | 'verification.started'
  | 'verification.moved_on'
  | 'verification.check_failed'
  | 'verification.approved'
  | 'verification.canceled'
  | 'verification.expired'
  | 'verification.blocked'
  | 'verification.undeliverable'
  | 'delivery.sent'
  | 'delivery.delivered'
  | 'delivery.read'
  | 'delivery.failed'
  | 'delivery.unknown'
  | 'delivery.deferred'

export type MessageWebhookKind =
  | 'message.received'
  | 'message.sent'
  | 'message.delivered'
  | 'message.read'
  | 'message.failed'
  | 'message.unknown'

export type FactorWebhookKind = 'factor.created' | 'factor.verified' | 'factor.deleted' | 'challenge.approved'

export type TransferWebhookKind = 'transfer.posted' | 'transfer.pending' | 'transfer.voided' | 'transfer.expired'

export type WebhookKind =
  | TransferWebhookKind
  | MessageWebhookKind
  | 'sender.created'
  | 'sender.changed'
  | 'sender.removed'
  | 'sender.account'
  | 'sender.number'
  | 'sender.template'
  | 'sender.security'
  | 'sender.failing'
  | 'sender.other_number'
  | 'sender.identity_changed'
  | VerificationWebhookKind
  | FactorWebhookKind
  | 'guard.send_refused'
  | 'guard.send_recorded'
  | 'guard.checks_slowed'
  | 'guard.checks_recorded'

/** What comes by webhook about a verification. */
export interface VerificationWebhook {
  readonly type: VerificationWebhookKind
  /** When it happened. */
  readonly timestamp: string
  /** What happened to a verification or one of its messages. A hint to look: how things stand now is what `GET /v1/verifications/{id}` answers. No code is in it. */
  readonly data: {
    readonly verification_id: string
    /** The message that it is about, if it is about one. */
    readonly delivery_id: string | null
    readonly application_id: string
    readonly to: string
    readonly purpose: string
    /** It happened in the simulated world. */
    readonly test: boolean
    /** How a code travels. */
    readonly channel: Channel | null
    /** Why, where there is a why. */
    readonly reason: string | null
    /** The provider's own code. */
    readonly provider_code: string | null
  }
}

/** What comes by webhook about a message. */
export interface MessageWebhook {
  readonly type: MessageWebhookKind
  /** When it happened. */
  readonly timestamp: string
  /** What happened to a message of a chat. A hint to look: what was said is what `GET /v1/messages/{id}` answers. */
  readonly data: {
    readonly message_id: string
    readonly direction: 'out' | 'in'
    /** The number of the person, E.164; null when nobody has told it. */
    readonly contact: string | null
    /** The person, whether their number is known or not. */
    readonly contact_id: string
    /** Where it was sent from, or came in. */
    readonly sender_id: string
    /** It happened in the simulated world. */
    readonly test: boolean
    /** How a code travels. */
    readonly channel: Channel | null
    /** What was received: `text`, `image`, `edit`, … */
    readonly message_type: string | null
    /** The id of what was tapped, if something was. */
    readonly choice: string | null
    /** Why, where there is a why. */
    readonly reason: string | null
    /** The provider's own code. */
    readonly provider_code: string | null
  }
}

/** What comes by webhook about a factor. */
export interface FactorWebhook {
  readonly type: FactorWebhookKind
  /** When it happened. */
  readonly timestamp: string
  /** What happened to an authenticator app. No secret and no code is in it. */
  readonly data: {
    readonly factor_id: string
    /** The challenge that it is about, if it is about one. */
    readonly challenge_id: string | null
    readonly application_id: string
    /** It happened in the simulated world. */
    readonly test: boolean
    /** The person, as the business names them. */
    readonly identity: string | null
    readonly factor_name: string | null
  }
}

/** What comes by webhook about a transfer. */
export interface TransferWebhook {
  readonly type: TransferWebhookKind
  /** When it happened. */
  readonly timestamp: string
  /** What happened in the books, to accounts that are yours. */
  readonly data: {
    readonly transfer_id: string
    /** It happened in the simulated world. */
    readonly test: boolean
    /** Minor units (ISO 4217). */
    readonly amount_minor: number | null
    readonly currency: string | null
    readonly code: string | null
    readonly debit_account_id: string | null
    readonly credit_account_id: string | null
  }
}

/** What comes by webhook. Newer servers may send a `type` that is not in here. */
export type WebhookEvent =
  | TransferWebhook
  | MessageWebhook
  | {
  readonly type: 'sender.created'
  | 'sender.changed'
  | 'sender.removed'
  | 'sender.account'
  | 'sender.number'
  | 'sender.template'
  | 'sender.security'
  | 'sender.failing'
  | 'sender.other_number'
  | 'sender.identity_changed'
  /** When it happened. */
  readonly timestamp: string
  /** What happened to a sender: a change, what a provider told of it, what its messages fail by. `GET /v1/senders` shows the newest of each. No credential is in it. */
  readonly data: {
    readonly sender_id: string
    readonly provider: string
    readonly purpose: string
    /** It happened in the simulated world. */
    readonly test: boolean
    /** How a code travels. */
    readonly channel: Channel
  | null
    /** Of a change: the host that it calls, its credentials, its settings. */
    readonly changed: readonly ('host'
  | 'credentials'
  | 'config')[]
  | null
    /** The key that did it; null: the operator did, or nobody. */
    readonly api_key_id: string
  | null
    /** What it is about, for example one template. */
    readonly check: string
  | null
    readonly state: 'ok'
  | 'warning'
  | 'problem'
  | null
    /** In the provider's words. */
    readonly detail: string
  | null
    /** What to do about it. */
    readonly mend: string
  | null
    /** The number whose account has changed, E.164. */
    readonly contact: string
  | null
  }
}
  | VerificationWebhook
  | FactorWebhook
  | {
  readonly type: 'guard.send_refused'
  | 'guard.send_recorded'
  | 'guard.checks_slowed'
  | 'guard.checks_recorded'
  /** When it happened. */
  readonly timestamp: string
  /** A rule of the guard was broken. At most one event an hour for each counter; how often is in the metric `centang_guard_total`. What the rules are and how they are set: `GET /v1/guard/policy`. */
  readonly data: {
    readonly guard_notice_id: string
    readonly application_id: string
    /** It happened in the simulated world. */
    readonly test: boolean
    /** The rule. */
    readonly rule: 'country'
  | 'line_type'
  | 'recipient_day'
  | 'unproven_block'
  | 'unproven_range'
  | 'unproven_country'
  | 'unproven_network'
  | 'unproven_device'
  | 'elsewhere_block'
  | 'elsewhere_failed'
  | 'business_hour'
  | 'business_day'
  | 'message_recipient'
  | 'message_sender'
  | 'wrong_codes'
    /** ISO 3166-1, or the calling code with `+`. */
    readonly country: string
  | null
    /** The block or range of numbers, without the last digits. */
    readonly prefix: string
  | null
    /** The /24 or /48 that `client.ip` is of. */
    readonly network: string
  | null
  }
}
