import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router'
import { Shell } from './components/shell.tsx'
import { TryIt } from './pages/try-it.tsx'

const root = createRootRoute({ component: Shell })
const tryIt = createRoute({ getParentRoute: () => root, path: '/', component: TryIt })

export const router = createRouter({ routeTree: root.addChildren([tryIt]) })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
