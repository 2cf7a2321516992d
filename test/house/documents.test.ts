import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { refusals } from '../kit/refusals.ts'
import { documents } from '../kit/documents.ts'
import { pagesOfPeople } from './pages.ts'

const root = new URL('../../', import.meta.url)
const read = (path: string): string =>
  existsSync(new URL(path, root)) ? readFileSync(new URL(path, root), 'utf8') : ''

/** Of a folder of the repository, or for '' of its top. */
const listFiles = (folder: string): string[] =>
  readdirSync(new URL(`${folder}/`.replace(/^\//, './'), root), { recursive: folder !== '', encoding: 'utf8' })
    .filter((name) => !/(^|\/)(node_modules|dist)(\/|$)/.test(name))
    .map((name) => (folder === '' ? name : `${folder}/${name}`))

const markdownIn = (folder: string): string[] =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`)

/**
 * Codes that a file makes refusals of: in `new Refusal(…)`, in a decision to refuse, and in the outcomes that are
 * refusals word for word because `new Refusal(answer.outcome)` passes them on.
 */
function thrownIn(name: string, text: string): string[] {
  const entries = [...text.matchAll(/\b\w+Refusals\.([a-z_]+)/g)].map((one) => one[1] as string)
  const makers = [/kind: 'refuse', code: ([^}]*)/g]
  if (name.endsWith('verification/core/check.ts')) makers.push(/type CheckOutcome =((?:\s*\| '\w+')+)/g)
  if (name.endsWith('ledger/functions/apply_transfer.sql')) return resultsIn(text)
  return makers
    .flatMap((maker) => [...text.matchAll(maker)])
    .flatMap(([, made = '']) => [...made.matchAll(/'([a-z_]+)'/g)].map((one) => one[1] as string))
    .filter((code) => code !== 'approved' && code !== 'wrong')
    .concat(entries)
}

/** What a transfer is refused for; one of its words ends with what became of a promise. */
const resultsIn = (text: string): string[] =>
  [...text.matchAll(/'([a-z_]+)'/g)]
    .map(([, word]) => word as string)
    .flatMap((word) => (word.endsWith('_') ? ['posted', 'voided', 'expired'].map((end) => word + end) : [word]))
    .map((word) => `ledger_${word}`)

describe('the documents', () => {
  for (const [path, make] of Object.entries(documents)) {
    it(`${path} says what the source says`, () => {
      if (process.env['UPDATE']) writeFileSync(new URL(path, root), make())
      assert.equal(read(path), make(), `${path} is out of date: run UPDATE=1 npm test`)
    })
  }

  it('name no refusal that is never thrown', () => {
    // Not where the reference lists them, and not the catalogue itself.
    const sources = readdirSync(new URL('src', root), { recursive: true, encoding: 'utf8' }).filter(
      (name) => /\.(ts|sql)$/.test(name) && !/(core\/refusals|http\/refus(als|ed)|\.test)\.ts$/.test(name),
    )
    const thrown = new Set(sources.flatMap((name) => thrownIn(name, read(`src/${name}`))))
    assert.deepEqual(
      Object.keys(refusals).filter((code) => !thrown.has(code)),
      [],
      'in the catalogue, and never thrown',
    )
  })

  it('would notice a refusal that is only mentioned', () => {
    assert.deepEqual(thrownIn('x.ts', `// 'busy'\nconst codes = ['internal']\nconst a = b === 'route_not_found'`), [])
    assert.deepEqual(
      thrownIn(
        'x.ts',
        `throw new Refusal(\n  platformRefusals.busy, {})\nthrow new Refusal(isIt ? platformRefusals.internal : platformRefusals.route_not_found)`,
      ),
      ['busy', 'internal', 'route_not_found'],
    )
    assert.deepEqual(thrownIn('x.ts', `return { kind: 'refuse', code: 'workflow_exhausted' }`), ['workflow_exhausted'])
  })

  it('say no code that does not exist', () => {
    const pages = ['README.md', 'ARCHITECTURE.md', 'GLOSSARY.md', ...markdownIn('docs')]
    const said = pages.flatMap((page) =>
      [...read(page).matchAll(/"code": ?"([a-z_]\w*)"|\/errors#(\w+)/g)].map((one) => `${page}: ${one[1] ?? one[2]}`),
    )
    assert.deepEqual(
      said.filter((one) => !((one.split(': ')[1] as string) in refusals)),
      [],
    )
  })

  it('speak of no file that is not there', () => {
    const pages = [
      'README.md',
      'ARCHITECTURE.md',
      'CONTRIBUTING.md',
      'GLOSSARY.md',
      'bench/README.md',
      ...markdownIn('docs'),
    ]
    const rooms = readdirSync(new URL('src', root)).map((name) => `src/${name}/README.md`)
    const files = ['src', 'test', 'simulator', 'console', 'sdk', 'bench', 'examples', 'docs', 'deploy', '.ci', '']
      .flatMap((top) => listFiles(top))
      .map((file) => `/${file}`)
    const missing = [...pages, ...rooms.filter((room) => existsSync(new URL(room, root)))].flatMap((page) =>
      [...read(page).matchAll(/`((?:[\w.-]+\/)+[\w.-]+\.(?:ts|tsx|sql|js|md|yaml))`/g)]
        .map(([, path]) => path as string)
        .filter(
          (path) =>
            !path.startsWith('../') &&
            !path.includes('/acme/') &&
            !path.includes('/senders/') &&
            !files.some((file) => file.endsWith(`/${path}`)),
        )
        .map((path) => `${page}: ${path}`),
    )
    assert.deepEqual(missing, [])
  })

  it('explain each word once, in the order of the alphabet', () => {
    const words = [...read('GLOSSARY.md').matchAll(/^\| \*\*(.+?)\*\* \|/gm)].map(([, word = '']) => word.toLowerCase())
    assert.ok(words.length > 50)
    assert.deepEqual(words, [...new Set(words)].toSorted())
  })

  it('put conditions with an if: no sentence begins with its verb and ends without a question', () => {
    const inverted =
      /(?:^|[.:;,] )(?:is|are|was|were|has|does|may|should|had|can) (?:a|an|the|it|they|nothing|somebody|nobody|this|that) [^.?!]*[.!](?= |$)/gim
    const found = (text: string): string[] => [...text.matchAll(inverted)].map(([sentence]) => sentence)
    assert.deepEqual(found('Is a key lost, keys forget lets servers start.'), [
      'Is a key lost, keys forget lets servers start.',
    ])
    assert.deepEqual(found('that happens: is nothing delivered in time, the code goes by SMS.').length, 1)
    assert.deepEqual(found('Is it running? If it is, wait.'), [])
    const pages = pagesOfPeople().filter((page) => !page.startsWith('docs/decisions/'))
    const prose = (page: string): string =>
      read(page)
        .replaceAll(/^([ \t]*)```.*?^\1```$/gms, '')
        .replaceAll(/\n(?=\S)/g, ' ')
    assert.deepEqual(
      pages.flatMap((page) => found(prose(page)).map((sentence) => `${page}: ${sentence}`)),
      [],
    )
  })
})
