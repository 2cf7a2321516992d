/** Who is calling: what an API key stands for. Access fills it; every module reads it. */
export interface Caller {
  readonly keyId: string
  readonly businessId: string
  readonly applicationId: string
  readonly live: boolean
}

/** A caller whom a key lets in: with what that key may do, and from where. */
export interface KeyCaller extends Caller {
  readonly permissions: ReadonlySet<string>
  /** Absent: from any address. */
  readonly isAllowedFrom?: ((address: string) => boolean) | undefined
}

/** The operator's own key, or the demo's in its place, which never opens anything live. */
export const operatorKinds = ['operator', 'demo'] as const
export type OperatorKind = (typeof operatorKinds)[number]

/**
 * The operator has no business. What is kept for the operator under a business id, as answers of repeated requests are,
 * is kept under the nil UUID, which no business ever gets.
 */
export const operatorBusinessId = '00000000-0000-0000-0000-000000000000'
