import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { accessIds } from '#access/core/ids.ts'
import { plainSpelling } from '#access/core/api-key.ts'
import { readId } from '#platform/core/id.ts'
import { globalSetup, globalTeardown } from '../../kit/postgres-setup.ts'
import { startTestServer, type TestServer } from '../../kit/server.ts'
import type { Recording } from '../recorded/recording.ts'
import { languages } from './languages.ts'
import { startRecorder } from './recorder.ts'

/**
 * `npm run sdk -- twilio-python`: the vendor's own package, on this machine's runtime, against this server. With RECORD=1
 * what it sends is written to `test/compat/recorded`; `SDK` is the folder of its source, where it is not installed.
 */
const [name = '', origin = 'recorded'] = process.argv.slice(2)
const language = languages[name]
if (!language) {
  console.error(`Which one: ${Object.keys(languages).join(', ')}?`)
  process.exit(2)
}
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

async function namesOf(server: TestServer) {
  const [application] = (await server.call('GET', '/v1/applications')).body.data
  const path = `/v1/applications/${application.id}`
  const names = (await server.call('GET', `${path}/credentials`)).body
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const public_key = pair.publicKey.export({ type: 'spki', format: 'pem' })
  await server.call('PUT', `${path}/public_key`, { public_key })
  const environment = {
    ACCOUNT_SID: names.twilio.account_sid,
    SERVICE_SID: names.twilio.service_sid,
    AUTH_TOKEN: server.key,
    PLAIN_TOKEN: plainSpelling(server.key),
    API_KEY: names.vonage.api_key,
    APPLICATION_ID: names.vonage.application_id,
    PRIVATE_KEY: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  }
  const constants = new Map([
    ['business', names.twilio.account_sid.slice(2)],
    ['application', names.twilio.service_sid.slice(2)],
    ['application_uuid', readId(accessIds.application, application.id) as string],
    ['key', server.key],
    ['plain_key', plainSpelling(server.key)],
    ['api_key', names.vonage.api_key],
  ])
  return { environment, constants }
}

const runScript = (command: readonly string[], environment: Record<string, string>): Promise<number> =>
  new Promise((done) => {
    const [program = '', ...rest] = command
    const child = spawn(program, rest, { env: { ...process.env, ...environment }, stdio: 'inherit', cwd: here('.') })
    child.on('error', (error) => {
      console.error(String(error))
      done(127)
    })
    child.on('exit', (code) => done(code ?? 1))
  })

await globalSetup()
const server = await startTestServer({ CENTANG_LOG_LEVEL: 'error' })
const { environment, constants } = await namesOf(server)
const recorder = await startRecorder(server, constants)
const failed = await runScript(language.command(process.env['SDK'] ?? ''), { ...environment, BASE_URL: recorder.url })
const recording = recorder.recording({ sdk: language.sdk, origin, runtime: language.runtime() })
await recorder.stop()
await server.stop()
await globalTeardown()

const file = here(`../recorded/${name}.json`)
const wire = ({ exchanges }: Recording): string =>
  JSON.stringify(exchanges.map(({ method, path, body, answer }) => [method, path, body, answer]))
if (process.env['RECORD']) writeFileSync(file, `${JSON.stringify(recording, null, 2)}\n`)
else if (
  failed === 0 &&
  existsSync(file) &&
  wire(JSON.parse(readFileSync(file, 'utf8')) as Recording) !== wire(recording)
)
  console.error(
    `${name} sends something else than in ${file}, or is answered in another way: look at it with RECORD=1.`,
  )
console.log(
  `${name}: ${recording.exchanges.length} requests, ${failed === 0 ? 'as the script expects' : 'the script failed'}`,
)
process.exit(failed)
