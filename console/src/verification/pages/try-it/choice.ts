import type { Channel } from '@centang/sdk'
import type { Language } from '../../../kit/language.tsx'

/** What is chosen in the form. */
export interface Choice {
  readonly to: string
  /** Undefined: that of the page. */
  readonly locale: Language | undefined
  /** Undefined: the workflow's. */
  readonly channel: Channel | undefined
}
