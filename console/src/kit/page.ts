import type { FunctionComponent } from 'react'
import type { Language } from './language.tsx'

/** What the router and the navigation have to know of a page; its folder's `page.tsx` exports it. */
export interface Page {
  /** `/`, or below `/console/`: the server gives the console for these. */
  readonly path: '/' | `/console/${string}`
  readonly component: FunctionComponent
  /** Where it stands in the navigation: the lower the further to the front. */
  readonly place: number
  /** What it is called in the navigation. */
  readonly title: (language: Language) => string
}
