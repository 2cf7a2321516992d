import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { eventually } from '../kit/api.ts'
import { freePort, temporaryFolder, untilListening } from '../kit/processes.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const guide = readFileSync(join(root, 'docs/guides/rehearse.md'), 'utf8')
const sh = promisify(execFile)

/** The page as it stands, with other ports and another folder than the reader's. */
describe('docs/guides/rehearse.md', () => {
  const folder = temporaryFolder()
  const children: ChildProcess[] = []
  /** What the reader has exported so far. */
  const exported: Record<string, string> = {}
  let blocks: string[] = []
  let ports: { meta: number; server: number }
  before(async () => {
    ports = { meta: await freePort(), server: await freePort() }
    const own = guide
      .replaceAll('3001', String(ports.meta))
      .replaceAll('127.0.0.1:3000', `127.0.0.1:${ports.server}`)
      .replaceAll('rehearsal/', `${folder}/`)
      .replaceAll(`./${folder}`, folder)
    blocks = [...own.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text]) => text as string)
  })
  after(async () => {
    for (const child of children) {
      const exited = new Promise((done) => child.once('exit', done))
      if (child.exitCode === null && child.kill('SIGTERM')) await exited
    }
    rmSync(folder, { recursive: true, force: true })
  })

  const environment = (): NodeJS.ProcessEnv => ({
    PATH: process.env['PATH'],
    HOME: folder,
    // Not that of a `.env` of whoever runs the tests.
    DATABASE_URL: '',
    ...exported,
  })
  /** What a block prints, whether its last command ended well or not. */
  async function run(text: string): Promise<{ out: string; code: number }> {
    const options = { cwd: root, env: environment() }
    return sh('sh', ['-uc', text], options).then(
      ({ stdout, stderr }) => ({ out: stdout + stderr, code: 0 }),
      ({ stdout, stderr, code }: { stdout: string; stderr: string; code: number }) => ({ out: stdout + stderr, code }),
    )
  }
  async function start(text: string, port: number): Promise<void> {
    // Whoever stops the shell stops what it runs.
    const lines = text.trimEnd().split('\n')
    const command = `${lines.slice(0, -1).join('\n')}\nexec env PORT=${port} ${lines.at(-1)?.replace(/^npm/, 'npm --silent')}`
    const child = spawn('sh', ['-uc', command], { cwd: root, env: environment(), stdio: 'ignore' })
    children.push(child)
    await untilListening(port, child)
  }
  const exportsOf = async (text: string): Promise<void> => {
    const { out } = await run(`${text}\nenv`)
    for (const [, name = ''] of text.matchAll(/^export (\w+)=/gm))
      exported[name] = (new RegExp(`^${name}=(.*)$`, 'm').exec(out) as RegExpExecArray)[1] as string
  }

  it('runs as it stands', async () => {
    const [meta, server, settings, create, keys, add, sender, prepare, examine, breakIt, send, look, ...rest] = blocks
    assert.deepEqual([rest.length, blocks.length], [0, 12])
    await start(meta as string, ports.meta)
    await exportsOf((server as string).replace('npm start\n', ''))
    assert.match(server as string, /^npm start$/m)
    // Its settings are exported by now: run again, they would make another key.
    await start('npm start', ports.server)
    // The same two in the reader's third terminal.
    for (const [, name = ''] of (settings as string).matchAll(/(\w+)=/g)) assert.ok(exported[name], name)

    const { out: made } = await run(create as string)
    const idOf = (text: string, pattern: RegExp): string => {
      assert.match(text, pattern)
      return pattern.exec(text)?.[0] as string
    }
    assert.deepEqual(
      [...(keys as string).matchAll(/^export (\w+)=(\w+)_…$/gm)].map(([, name, prefix]) => `${name} ${prefix}`),
      ['BUSINESS biz', 'CENTANG_API_KEY ck_live'],
    )
    exported['BUSINESS'] = idOf(made, /biz_\w+/)
    exported['CENTANG_API_KEY'] = idOf(made, /ck_live_[\w-]+/)
    assert.match(sender as string, /^export SENDER=snd_…$/m)
    exported['SENDER'] = idOf((await run(add as string)).out, /snd_\w+/)
    const prepared = await run(prepare as string)
    assert.equal(prepared.code, 0)
    assert.match(prepared.out, /login_code_5m id: APPROVED[\s\S]*Meta sends receipts to/)

    const findings = async () => [...(await run(examine as string)).out.matchAll(/^✗ (.*)$/gm)].map(([, text]) => text)
    const [only, ...others] = await findings()
    assert.deepEqual([others.length, only?.startsWith('webhook: Meta calls only https')], [0, true], only)
    await run(breakIt as string)
    assert.ok(
      (await findings()).some((text) => text?.startsWith('access token')),
      'the doctor says what was broken',
    )

    await run(send as string)
    await eventually(async () => (await run(look as string)).out.includes('"status":"delivered"'))
  })
})
