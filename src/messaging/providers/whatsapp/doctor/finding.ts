export interface Finding {
  readonly check: string
  readonly state: 'ok' | 'warning' | 'problem'
  readonly detail: string
  /** The exact next step, when there is something to mend. */
  readonly mend?: string
}

export const ok = (check: string, detail: string): Finding => ({ check, state: 'ok', detail })
export const problem = (check: string, detail: string, mend: string): Finding => ({
  check,
  state: 'problem',
  detail,
  mend,
})
export const warning = (check: string, detail: string, mend: string): Finding => ({
  check,
  state: 'warning',
  detail,
  mend,
})

export type Node = Readonly<Record<string, unknown>>

/** Reads a node or an edge of the Graph API with the sender's token. */
export type Read = (path: string) => Promise<{ readonly status: number; readonly node: Node }>

/** What Meta gave as the reason, in brackets; empty when it gave none. */
export function errorOf(node: Node): string {
  const { error } = node as { error?: { message?: string } }
  return error?.message === undefined ? '' : ` (${error.message})`
}
