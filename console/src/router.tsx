import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router'
import { NoPage } from './kit/no-page.tsx'
import type { Page } from './kit/page.ts'
import { Shell } from './kit/shell.tsx'
import { TryIt } from './verification/pages/try-it/try-it.tsx'
import { verificationTexts } from './verification/text/texts.ts'

/** Every page of the console, in the order of the navigation. A page is added here, by one line. */
const pages: readonly Page[] = [{ path: '/', component: TryIt, title: (language) => verificationTexts[language].tryIt }]

const root = createRootRoute({ component: () => <Shell pages={pages} />, notFoundComponent: NoPage })
const routes = pages.map(({ path, component }) => createRoute({ getParentRoute: () => root, path, component }))

export const router = createRouter({ routeTree: root.addChildren(routes) })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
