import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { read, root } from '../house/imports.ts'
import { blocksOf } from '../house/pages.ts'
import { freshNumber } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'

const run = promisify(execFile)

/** What the reader does between sending and checking: look at the phone. */
const lookAtPhone = ({ url, key }: SharedServer, to: string): string => `
const headers = { authorization: 'Bearer ${key}' }
async function codeOnPhone() {
  for (;;) {
    const { messages } = await (await fetch(${JSON.stringify(`${url}/simulator/handsets/${to}/messages`)}, { headers })).json()
    if (messages.length > 0) return messages.at(-1).code
    await new Promise((done) => setTimeout(done, 20))
  }
}
`

describe('the code in the guides of vendors, with the vendors’ own packages', () => {
  const folder = mkdtempSync(join(tmpdir(), 'centang-guides-'))
  let server: SharedServer
  before(async () => {
    server = await sharedServer()
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  })
  after(async () => {
    rmSync(folder, { recursive: true })
    await server.stop()
  })

  /** The block of a guide that sends and checks, as it stands but for the address, the number and the code. */
  async function runBlock(page: string, to: string, replace: readonly (readonly [string, string])[], env: object) {
    const block = blocksOf(read(page)).find(({ language, text }) => language === 'ts' && text.includes('123456'))
    let text = block?.text ?? ''
    for (const [from, into] of [...replace, ["'123456'", 'await codeOnPhone()'] as const]) {
      assert.ok(text.includes(from), `${page} has ${from}`)
      text = text.replaceAll(from, into)
    }
    const file = join(folder, `${page.replaceAll(/\W/g, '-')}.mts`)
    writeFileSync(file, lookAtPhone(server, to) + text)
    await run(process.execPath, [file], { cwd: folder, env: { PATH: process.env['PATH'], ...env } })
    const { body } = await server.call('GET', `/v1/verifications?to=${encodeURIComponent(to)}`)
    assert.deepEqual(
      body.data.map(({ status }: { status: string }) => status),
      ['approved'],
    )
  }

  const credentials = async () =>
    (await server.call('GET', `/v1/applications/${server.business.application}/credentials`)).body

  it('of Twilio', async () => {
    const { twilio } = await credentials()
    const to = freshNumber()
    const replace = [
      ['https://verify.example.com', server.url],
      ['+5511999990000', to],
    ] as const
    await runBlock('docs/guides/twilio.md', to, replace, {
      TWILIO_ACCOUNT_SID: twilio.account_sid,
      TWILIO_AUTH_TOKEN: server.key,
      TWILIO_VERIFY_SERVICE_SID: twilio.service_sid,
    })
  })

  it('of Vonage', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    writeFileSync(join(folder, 'private.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const { body } = await server.call('PUT', `/v1/applications/${server.business.application}/public_key`, {
      public_key: publicKey.export({ type: 'spki', format: 'pem' }),
    })
    const to = freshNumber()
    const replace = [
      ['https://otp.example.com', server.url],
      ['the jwt_application_id', body.jwt_application_id],
      ["to: '6281234567890'", `to: '${to.slice(1)}'`],
    ] as const
    await runBlock('docs/guides/vonage.md', to, replace, {})
  })
})
