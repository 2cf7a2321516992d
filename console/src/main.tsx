import '@mantine/core/styles.css'
import './page.css'
import { createTheme, MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { router } from './router.tsx'
import { LanguageProvider } from './text/language.tsx'

const theme = createTheme({
  primaryColor: 'tick',
  primaryShade: 8,
  autoContrast: true,
  defaultRadius: 'md',
  colors: {
    tick: [
      '#e9fbf3',
      '#d3f3e4',
      '#a5e7c9',
      '#74daac',
      '#4fd1a1',
      '#34c284',
      '#22ad74',
      '#159064',
      '#0b6e4f',
      '#06503a',
    ],
  },
})

createRoot(document.querySelector('#root') as HTMLElement).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: 1 } } })}>
        <LanguageProvider>
          <RouterProvider router={router} />
        </LanguageProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
