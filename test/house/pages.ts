import { globSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { read, root } from './imports.ts'

/** Every page that people read, from the root. */
export const pagesOfPeople = (): string[] =>
  globSync(['*.md', 'docs/**/*.md', '{sdk,examples,bench}/**/*.md', 'src/*/README.md'], {
    cwd: root,
    exclude: ['**/node_modules', '**/dist'],
  }).toSorted()

export interface Block {
  readonly language: string
  /** Without the indentation of the list it stands in. */
  readonly text: string
  /** Of the line after the opening fence, from 1. */
  readonly line: number
}

/** The code blocks of a page in their order. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  for (const found of markdown.matchAll(/^([ \t]*)```(\w+)\n(.*?)^\1```$/gms)) {
    const [, indentation = '', language = '', text = ''] = found
    const line = markdown.slice(0, found.index).split('\n').length + 1
    blocks.push({ language, text: text.replaceAll(new RegExp(`^${indentation}`, 'gm'), ''), line })
  }
  return blocks
}

/** Fences and code in a line are no text: neither links nor headings are looked for in them. */
const withoutCode = (markdown: string): string =>
  markdown.replaceAll(/^([ \t]*)```.*?^\1```$/gms, '').replaceAll(/`[^`\n]*`/g, '')

export interface Link {
  readonly page: string
  readonly target: string
  /** From the root; undefined: on another host. */
  readonly path: string | undefined
  readonly anchor: string | undefined
}

export const linksOf = (page: string, markdown = read(page)): Link[] =>
  [...withoutCode(markdown).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => {
    if (/^(https?|mailto):/.test(target)) return { page, target, path: undefined, anchor: undefined }
    const [file = '', anchor] = target.split('#')
    const path = file === '' ? page : relative(root, join(root, dirname(page), file))
    return { page, target, path, anchor }
  })

/** As GitHub makes them of headings: lower case, no punctuation, and a number behind the second of the same name. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>()
  const withoutBlocks = markdown.replaceAll(/^([ \t]*)```.*?^\1```$/gms, '')
  for (const [, heading = ''] of withoutBlocks.matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const base = plain.replaceAll(/[^\p{Letter}\p{Number}\p{Mark}_\- ]/gu, '').replaceAll(' ', '-')
    let anchor = base
    for (let count = 1; anchors.has(anchor); count++) anchor = `${base}-${count}`
    anchors.add(anchor)
  }
  return anchors
}
