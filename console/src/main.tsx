import '@mantine/core/styles.css'
import './page.css'
import { createTheme, defaultVariantColorsResolver, MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { router } from './router.tsx'
import { LanguageProvider } from './text/language.tsx'

const theme = createTheme({
  primaryColor: 'tick',
  // On dark ground the dark green of buttons and focus rings would be below 3:1.
  primaryShade: { light: 8, dark: 4 },
  respectReducedMotion: true,
  // Mantine would choose the text on filled buttons by the light shade alone: white on light green is 1.9:1.
  variantColorResolver(input) {
    const colors = defaultVariantColorsResolver(input)
    return input.variant === 'filled' ? { ...colors, color: 'var(--page-on-brand)' } : colors
  },
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
    // Greys with a breath of the same green, from text to the deepest ground.
    dark: [
      '#e6ece9',
      '#c3cdc7',
      '#a9b6af',
      '#84938b',
      '#33403a',
      '#2a3530',
      '#1d2622',
      '#131a17',
      '#0e1411',
      '#090d0b',
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
