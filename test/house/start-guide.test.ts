import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../kit/processes.ts'
import { codeOn, eventually } from '../kit/api.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const guide = readFileSync(join(root, 'docs/start.md'), 'utf8')

interface Block {
  readonly language: string
  readonly text: string
  readonly heading: string
}

/** The code blocks of the guide in their order, each with the heading it stands under. */
function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  for (const section of markdown.split(/^## /m)) {
    const heading = section.split('\n')[0] as string
    for (const [, language = '', text = ''] of section.matchAll(/^```(\w+)\n(.*?)^```$/gms))
      blocks.push({ language, text, heading })
  }
  return blocks
}

/** The members of a value, without what is in them: an array's are those of its first element. */
function membersOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(membersOf)
  if (typeof value !== 'object' || value === null) return 'value'
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, membersOf(member)]))
}

/** What the guide says must stay word for word, whatever ids, times and codes are. */
const stableOf = (answer: Record<string, unknown>): unknown =>
  ['status', 'valid', 'checks_remaining', 'sends_remaining', 'workflow', 'code', 'remedy', 'channel', 'to'].map(
    (name) => answer[name],
  )

describe('docs/start.md', () => {
  const blocks = blocksOf(guide)
  const folder = temporaryFolder()
  let server: TestServer
  /** What the reader has exported so far. */
  const exported: Record<string, string> = {}
  before(async () => {
    // The guide is of the demo.
    server = await startTestServer({ CENTANG_DATA_DIR: folder }, { isDemo: true })
  })
  after(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })

  async function run(command: string, words: readonly string[], type?: () => Promise<string>): Promise<string> {
    const { PATH = '' } = process.env
    const child = spawn(command, words, { cwd: root, env: { PATH, HOME: folder, ...exported } })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    if (type) child.stdin.write(`${await type()}\n`)
    child.stdin.end()
    const code = await new Promise((done) => child.once('close', done))
    assert.deepEqual([code, err], [0, ''], `${words.join(' ')}\n${out}`)
    return out
  }

  /** `export NAME=…` is the reader's to fill in: from the demo, the last answer, or the phone. */
  async function fillIn(text: string, lastId: string): Promise<void> {
    for (const [, name = '', shown = ''] of text.matchAll(/^export (\w+)=(.*)$/gm)) {
      const values: Record<string, () => string | Promise<string>> = {
        CENTANG_URL: () => server.url,
        CENTANG_API_KEY: () => server.key,
        ID: () => lastId,
        CODE: () => codeOn(server, '+6281234567890'),
      }
      assert.ok(values[name], `nobody knows what ${name} is`)
      exported[name] = await values[name]()
      const [prefix = ''] = shown.split('…')
      if (shown.includes('…')) assert.ok(exported[name].startsWith(prefix), `${name} begins with ${prefix}`)
    }
  }

  it('begins as the README does', () => {
    assert.equal(blocks[0]?.text, 'npm ci && npm start\n')
    assert.ok(readFileSync(join(root, 'README.md'), 'utf8').includes(`\`\`\`sh\n${blocks[0]?.text}\`\`\``))
  })

  it('runs as it stands, and every answer has the members that it shows', async () => {
    let lastId = ''
    let ran = 0
    for (const [index, { language, text, heading }] of blocks.entries()) {
      const next = blocks[index + 1]
      if (index === 0 || language === 'json' || language === 'text') continue
      if (/^(export .*\n)+$/.test(text)) {
        await fillIn(text, lastId)
      } else if (language === 'ts') {
        const file = join(folder, 'verify.ts')
        writeFileSync(file, text)
        const out = await run(process.execPath, [file], () => codeOn(server, '+6281234567891'))
        assert.ok(out.endsWith(next?.text as string), out)
      } else {
        assert.equal(language, 'sh')
        // The phone gets its message a moment after the API has answered.
        if (text.includes('/simulator/handsets/'))
          await eventually(async () => (await run('sh', ['-euc', text])).includes('"status":"delivered"'))
        const out = await run('sh', ['-euc', text])
        if (text.startsWith('curl')) {
          assert.equal(next?.language, 'json', `${heading}: the answer is shown`)
          const [answer, shown] = [JSON.parse(out), JSON.parse(next.text)]
          assert.deepEqual(membersOf(answer), membersOf(shown), heading)
          assert.deepEqual(stableOf(answer), stableOf(shown), heading)
          if (answer.id) lastId = answer.id
        } else {
          assert.match(out, /approved/)
        }
      }
      ran++
    }
    // Two exports of the reader's, the calls, the program and the command: none was passed over.
    assert.equal(ran, 10)
  })

  it('would notice another member, and a block that is not run', () => {
    assert.notDeepEqual(membersOf({ a: 1, b: [{ c: 1 }] }), membersOf({ a: 1, b: [{ d: 1 }] }))
    assert.notDeepEqual(membersOf({ a: 1 }), membersOf({ a: 1, b: 1 }))
    assert.equal(blocks.length, [...guide.matchAll(/^```\w/gm)].length)
  })
})
