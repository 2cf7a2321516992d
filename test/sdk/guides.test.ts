import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type SharedServer, sharedServer } from '../kit/shared.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const pages = ['sdk/README.md', 'docs/guides/sdk.md', 'docs/guides/otp-field.md', 'docs/guides/better-auth.md']

const source = (name: string): string => join(root, 'sdk/src', name)
const entries: Readonly<Record<string, string>> = {
  '@centang/sdk': source('client.ts'),
  '@centang/sdk/browser': source('browser.ts'),
  '@centang/sdk/webhooks': source('webhooks.ts'),
  '@centang/sdk/otp-field': source('otp-field/otp-field.ts'),
  '@centang/sdk/react': source('react.ts'),
  '@centang/sdk/better-auth': source('better-auth.ts'),
}

const blocksOf = (page: string): string[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block as string)

describe('the code in the guides of the SDK', () => {
  const folder = mkdtempSync(join(tmpdir(), 'centang-guides-'))
  let server: SharedServer
  before(async () => {
    server = await sharedServer()
  })
  after(async () => {
    rmSync(folder, { recursive: true })
    await server.stop()
  })

  /** What the compiler says of some sources. */
  const compile = (sources: readonly string[]): string => {
    const work = mkdtempSync(join(folder, 'work-'))
    symlinkSync(join(root, 'node_modules'), join(work, 'node_modules'))
    for (const [index, text] of sources.entries()) writeFileSync(join(work, `block-${index}.mts`), text)
    const options = {
      target: 'es2022',
      lib: ['es2022', 'dom', 'dom.iterable'],
      module: 'nodenext',
      types: ['node'],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      paths: Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, [path]])),
    }
    writeFileSync(join(work, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.mts'] }))
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    return spawnSync(process.execPath, [tsc, '-p', work], { encoding: 'utf8' }).stdout
  }

  it('compiles', () => {
    const blocks = pages.flatMap(blocksOf)
    assert.ok(blocks.length >= 9, `${blocks.length} blocks`)
    assert.equal(compile(blocks), '')
  })

  it('would be found out', () => {
    const wrong = `import { createClient } from '@centang/sdk'\ncreateClient({ baseUrl: 'x', apiKey: 'y' }).verifications.begin()`
    assert.match(compile([wrong]), /'begin' does not exist/)
  })

  it('runs against a server', async () => {
    process.env['CENTANG_API_KEY'] = server.key
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    const runnable = ['sdk/README.md', 'docs/guides/sdk.md']
      .flatMap(blocksOf)
      .filter((block) => !block.includes('token'))
    for (const [index, block] of runnable.entries()) {
      let text = block.replaceAll('https://verify.example.com', server.url)
      for (const [name, path] of Object.entries(entries))
        text = text.replaceAll(`'${name}'`, `'${pathToFileURL(path).href}'`)
      const file = join(folder, `run-${index}.mts`)
      writeFileSync(file, text)
      await import(pathToFileURL(file).href)
    }
    const { body } = await server.call('GET', `/v1/verifications?to=${encodeURIComponent('+6281234567890')}`)
    assert.ok(body.data.length > 0, 'a verification was started')
    assert.ok(
      body.data.some((one: { checks_remaining: number }) => one.checks_remaining === 4),
      'and a wrong code was checked',
    )
  })
})
