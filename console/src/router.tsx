import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router'
import { base } from './kit/base.ts'
import { NoPage } from './kit/no-page.tsx'
import type { Page } from './kit/page.ts'
import { Shell } from './kit/shell.tsx'

/** Every page there is: a module's `pages/<name>/page.tsx` (or `page.ts`) says what it is. */
const found = import.meta.glob<Page>('./*/pages/*/page.{ts,tsx}', { eager: true, import: 'page' })
const pages = Object.values(found).toSorted((a, b) => a.place - b.place)

const root = createRootRoute({ component: () => <Shell pages={pages} />, notFoundComponent: NoPage })
const routes = pages.map(({ path, component }) => createRoute({ getParentRoute: () => root, path, component }))

export const router = createRouter({ routeTree: root.addChildren(routes), basepath: base || '/' })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
