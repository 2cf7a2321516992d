import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { launchBrowser } from '../e2e/browser.ts'
import { read, root } from '../house/imports.ts'
import { codeOn, eventually, freshNumber } from '../kit/api.ts'
import { freePort } from '../kit/processes.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'

const run = promisify(execFile)

/** What the last line that is pasted answers. */
const endings: Readonly<Record<string, RegExp>> = {
  appointment: /"status":"(proposed|confirmed)"/,
  file: /^Strictly between us\.$/,
  pay: /"status":"authorised"/,
  'second-factor': /otpauth:\/\/totp/,
  'service-request': /"reset_token":"/,
  'sign-up': /"name":"Budi"/,
  transfer: /^http\S+\/verify\/ver_\w+\?t=\S+$/,
}

interface Started {
  readonly child: ChildProcess
  readonly out: () => string
}

describe('an example that is run by hand', () => {
  const children: ChildProcess[] = []
  let server: SharedServer
  let browser: Browser
  before(async () => {
    ;[server, browser] = await Promise.all([sharedServer(), launchBrowser()])
  })
  after(async () => {
    for (const child of children) child.kill()
    await Promise.all([browser.close(), server.stop()])
  })

  /** As its README says, but for the port and the phone, which other tests have too. */
  async function start(name: string, phone: string, environment: Record<string, string> = {}): Promise<Started> {
    const env = {
      PATH: process.env['PATH'],
      PORT: String(await freePort()),
      CENTANG_URL: server.url,
      CENTANG_API_KEY: server.key,
      ...environment,
    }
    const child = spawn(process.execPath, [`examples/${name}/server.ts`, phone], { cwd: root, env })
    children.push(child)
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString()))
    return { child, out: () => out }
  }

  const untilTold = ({ out }: Started): Promise<string> =>
    eventually(async () => out().includes('curl') && out(), 15_000)

  it('is in the list, and every one in the list is here', () => {
    const folders = readdirSync(join(root, 'examples'), { withFileTypes: true }).filter((one) => one.isDirectory())
    assert.deepEqual(folders.map(({ name }) => name).toSorted(), Object.keys(endings).toSorted())
    for (const name of Object.keys(endings))
      assert.ok(read('examples/README.md').includes(`npx node examples/${name}/server.ts`), name)
  })

  for (const [name, ending] of Object.entries(endings)) {
    it(`prints lines that work as they stand: ${name}`, async () => {
      const phone = freshNumber()
      const started = await start(name, phone)
      const told = await untilTold(started)
      const lines = told.split('\n').filter((line) => /^([A-Z]+=|curl )/.test(line))
      assert.ok(lines.length > 0, told)
      let script = ''
      let last = ''
      for (const line of lines) {
        // A reader looks at the phone, and at what this server has printed meanwhile.
        if (line === 'CODE=123456') script += `CODE=${await codeOn(server, phone)}\n`
        else if (line.endsWith('=…')) script += `${/^TOKEN=\S+/m.exec(started.out().replace(told, ''))?.[0]}\n`
        else {
          const { stdout } = await run('sh', ['-euc', `${script}${line}`])
          last = stdout.trim()
          if (/^[A-Z]+=/.test(line)) script += `${line.slice(0, line.indexOf('='))}='${last}'\n`
        }
      }
      assert.match(last, ending)
    })
  }

  it('shows a payment in a browser, from the checkout to the end', async () => {
    const phone = freshNumber()
    const told = await untilTold(await start('pay', phone))
    const page = await browser.newPage()
    await page.goto(/^http\S+\/$/m.exec(told)?.[0] ?? '')
    await page.getByLabel('To', { exact: true }).fill('Kost Mawar')
    await page.getByRole('button').click()
    await page.getByText('Kost Mawar', { exact: true }).waitFor()
    await page.getByLabel('The code').fill(await codeOn(server, phone))
    await page.getByRole('button').click()
    await page.getByText('"status":"authorised"').waitFor()
    await page.close()
  })

  it('pays a transfer by the page that it prints', async () => {
    const phone = freshNumber()
    const started = await start('transfer', phone)
    const line = (await untilTold(started)).split('\n').find((one) => one.startsWith('PAGE=')) ?? ''
    const { stdout } = await run('sh', ['-euc', line])
    const page = await browser.newPage()
    await page.goto(stdout.trim())
    await page.locator('input[name=code]').fill(await codeOn(server, phone))
    await page.keyboard.press('Enter')
    await page.getByText('{"paid":true}').waitFor()
    await eventually(async () => started.out().includes('Paid: 120.00 EUR to Café Sol'))
    await page.close()
  })

  it('says in one sentence what is missing', async () => {
    const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
      [{ CENTANG_API_KEY: '' }, /^CENTANG_API_KEY is not set\. .*export CENTANG_API_KEY=ck_test_…\n$/],
      [{ CENTANG_API_KEY: 'ck_test_nobody' }, /^The server at \S+ does not know this CENTANG_API_KEY\..*\n$/],
      [
        { CENTANG_URL: `http://127.0.0.1:${await freePort()}` },
        /^Nobody answers at \S+\. Start Centang with `npm start`/,
      ],
      [{ PORT: new URL(server.url).port }, /^Port \d+ is in use\. Take another: PORT=\d+\n$/],
    ]
    for (const [environment, says] of cases) {
      const { child, out } = await start('sign-up', freshNumber(), environment)
      assert.equal(await new Promise((done) => child.once('close', done)), 1)
      assert.match(out(), says)
    }
  })
})
