/** What the doctor saw at one place of a set-up. */
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
