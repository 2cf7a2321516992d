import { createTheme, defaultVariantColorsResolver } from '@mantine/core'

/** The design tokens that Mantine wants as an object; those that follow light and dark are in `tokens.css`. */
export const theme = createTheme({
  fontFamily: 'Inter, system-ui, sans-serif',
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
