import type { Locator } from 'playwright-core'

/** As much of the browser's names as is used here; these files are compiled without them. */
interface Styled {
  readonly parentElement: Styled | null
}
declare const getComputedStyle: (
  node: Styled,
  pseudo?: string,
) => { readonly backgroundColor: string; getPropertyValue(name: string): string }

/** Runs in the page: the colour of an element, and of the first ground under it that is not transparent. */
const readColors = (node: Styled, [property, pseudo]: readonly [string, string]): string[] => {
  const ground = (one: Styled | null): string => {
    if (!one) return 'rgb(255, 255, 255)'
    const { backgroundColor } = getComputedStyle(one)
    return backgroundColor === 'rgba(0, 0, 0, 0)' ? ground(one.parentElement) : backgroundColor
  }
  return [getComputedStyle(node, pseudo).getPropertyValue(property), ground(node)]
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => {
    const share = Number(part) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Contrast of WCAG 2 between an element's colour and its ground: 1 to 21. */
export async function contrastOf(locator: Locator, property = 'color', pseudo = ''): Promise<number> {
  const colors = await locator.evaluate(readColors, [property, pseudo] as const)
  const [darker = 0, lighter = 0] = colors.map(luminance).toSorted((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}
