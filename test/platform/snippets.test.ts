import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { keyPlaceholder } from '#platform/http/reference/document.ts'
import { freePort } from '../kit/processes.ts'
import { codeOn, freshNumber } from '../kit/api.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'

interface Snippet {
  readonly lang: string
  readonly label: string
  readonly source: string
}

interface Operation {
  readonly operationId: string
  readonly requestBody?: { readonly required?: boolean }
  readonly 'x-codeSamples': readonly Snippet[]
}

const run = promisify(execFile)
const labels = ['curl', 'TypeScript', 'Python', 'PHP', 'Go']

/** How a reader runs each, and how to see whether this machine can. */
const runtimes: Readonly<Record<string, { file: string; command: readonly string[]; probe: readonly string[] }>> = {
  curl: { file: 'call.sh', command: ['sh'], probe: ['curl', '--version'] },
  TypeScript: { file: 'call.ts', command: [process.execPath], probe: [process.execPath, '--version'] },
  Python: { file: 'call.py', command: ['python3'], probe: ['python3', '-c', 'import requests'] },
  PHP: { file: 'call.php', command: ['php'], probe: ['php', '-r', 'curl_version();'] },
  Go: { file: 'call.go', command: ['go', 'run'], probe: ['go', 'version'] },
}

describe('the snippets of the API reference', () => {
  let server: TestServer
  let folder: string
  let operations: readonly Operation[]
  before(async () => {
    // The snippets name the port that was asked for.
    server = await startTestServer({ PORT: String(await freePort()) })
    folder = mkdtempSync(join(tmpdir(), 'centang-snippets-'))
    const { body } = await server.call('GET', '/docs/openapi.json')
    operations = Object.values<Record<string, Operation>>(body.paths).flatMap((one) => Object.values(one))
  })
  after(async () => {
    rmSync(folder, { recursive: true })
    await server.stop()
  })

  const snippetOf = (operationId: string, label: string): string => {
    const operation = operations.find((one) => one.operationId === operationId)
    const snippet = operation?.['x-codeSamples'].find((one) => one.label === label)
    assert.ok(snippet, `${operationId} in ${label}`)
    return snippet.source.replaceAll(keyPlaceholder, server.key)
  }

  /** What the program shows; it has ended well. */
  async function runSnippet(label: string, source: string): Promise<string> {
    const { file, command: [program = '', ...words] = [] } = runtimes[label] ?? { file: '' }
    const path = join(folder, file)
    writeFileSync(path, source)
    // The environment of a reader who has nothing set up; Go wants a place for what it builds.
    const env = { PATH: process.env['PATH'], HOME: folder }
    const { stdout } = await run(program, [...words, path], { env, cwd: folder })
    return stdout
  }

  it('are there in five languages for every call, with the key in each', () => {
    assert.ok(operations.length > 40)
    for (const operation of operations) {
      const samples = operation['x-codeSamples']
      assert.deepEqual(
        samples.map(({ label }) => label),
        labels,
        operation.operationId,
      )
      for (const { source, label } of samples) {
        assert.ok(source.includes(keyPlaceholder) && source.includes(server.url), `${operation.operationId} ${label}`)
        assert.doesNotMatch(source, /[{}]id\b|undefined|\bid_0/, `${operation.operationId} ${label}`)
      }
    }
  })

  it('have a body wherever one is required', () => {
    for (const { operationId, requestBody, 'x-codeSamples': samples } of operations) {
      // Where null is taken, nothing is, but the file says required all the same.
      const isRequired = requestBody?.required && !JSON.stringify(requestBody).includes('"null"')
      if (isRequired) assert.match(samples[0]?.source ?? '', /-d '\{/, operationId)
    }
  })

  for (const label of labels) {
    const [program = '', ...words] = runtimes[label]?.probe ?? []
    const isMissing = spawnSync(program, words).status !== 0
    const skip = isMissing && `${program} is not on this machine, or has no HTTP client`
    it(`start and check a verification as they stand, in ${label}`, { skip }, async () => {
      const to = freshNumber()
      const started = await runSnippet(label, snippetOf('startVerification', label).replace('+6281234567890', to))
      const [id = ''] = /ver_\w{32}/.exec(started) ?? []
      assert.match(started, /pending/)
      const check = snippetOf('checkCode', label).replace(/ver_\w{32}/, id)
      const wrong = await runSnippet(label, check.replace('123 456', '000 000'))
      assert.match(wrong, /valid['"]?: *(false|False)/)
      const right = await runSnippet(label, check.replace('123 456', await codeOn(server, to)))
      assert.match(right, /valid['"]?: *(true|True)/)
      const { body } = await server.call('GET', `/v1/verifications/${id}`)
      assert.equal(body.status, 'approved')
    })
  }

  it('say in TypeScript why a call was refused', async () => {
    const refused = runSnippet('TypeScript', snippetOf('getVerification', 'TypeScript'))
    await assert.rejects(refused, /verification_not_found: There is no such verification\./)
  })

  it('are TypeScript that the compiler takes, each of them', async () => {
    const here = fileURLToPath(new URL('../../', import.meta.url))
    const typed = mkdtempSync(join(folder, 'typed-'))
    symlinkSync(join(here, 'node_modules'), join(typed, 'node_modules'))
    for (const { operationId } of operations)
      writeFileSync(join(typed, `${operationId}.ts`), snippetOf(operationId, 'TypeScript'))
    writeFileSync(join(typed, 'package.json'), '{ "type": "module" }')
    const { compilerOptions } = JSON.parse(readFileSync(join(here, 'tsconfig.json'), 'utf8'))
    writeFileSync(join(typed, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
    const { stdout } = await run(join(here, 'node_modules/.bin/tsc'), ['-p', typed]).catch((error) => error)
    assert.equal(stdout, '')
  })
})
