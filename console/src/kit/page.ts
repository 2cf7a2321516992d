import type { FunctionComponent } from 'react'
import type { Language } from './language.tsx'

/** What the router and the navigation have to know of a page. */
export interface Page {
  /** `/`, or below `/console/`: the server gives the console for these. */
  readonly path: '/' | `/console/${string}`
  readonly component: FunctionComponent
  /** What it is called in the navigation. */
  readonly title: (language: Language) => string
}
