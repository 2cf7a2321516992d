import assert from 'node:assert/strict'
import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { basename } from 'node:path'
import { after, before } from 'node:test'
import { fileURLToPath } from 'node:url'
import { plainSpelling } from '#access/core/api-key.ts'
import { accessIds } from '#access/core/ids.ts'
import { readId } from '#platform/core/id.ts'
import { bearer, codeOn, freshNumber, wrongCode } from '../kit/api.ts'
import { shownCode } from '../kit/authenticator.ts'
import { type Business, type SharedServer, sharedServer } from '../kit/shared.ts'
import { compatCases } from './cases.ts'
import { type Exchange, idsIn, type Jwt, type Recording, summarise, totpSecret } from './recorded/recording.ts'

const test = compatCases('SDKs of other languages (their requests, replayed)')
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
let server: SharedServer
before(async () => {
  server = await sharedServer()
})
after(() => server.stop())

const folder = fileURLToPath(new URL('recorded/', import.meta.url))
const files = globSync(`${folder}*.json`).toSorted()
assert.ok(files.length > 0)

/** Its requests, byte for byte but for what differs each time; each is answered as the SDK was. */
for (const file of files) {
  const recording = JSON.parse(readFileSync(file, 'utf8')) as Recording
  test(`${basename(file, '.json')}: ${recording.sdk}, ${recording.origin}`, async () => {
    const values = await valuesFor(await server.freshBusiness(), recording)
    for (const [index, exchange] of recording.exchanges.entries()) {
      const { status, text } = await send(exchange, values)
      const where = `${index}: ${exchange.step}, ${exchange.method} ${exchange.path}: ${text}`
      assert.deepEqual(summarise(status, text), exchange.answer, where)
      for (const [name, id] of idsIn(text, index)) values.ids.set(name, id)
    }
  })
}

interface Values {
  readonly ids: Map<string, string>
  /** What is behind a name; codes are read off the phone when they are wanted. */
  readonly find: (name: string) => Promise<string>
}

async function valuesFor(business: Business, recording: Recording): Promise<Values> {
  const path = `/v1/applications/${business.application}/public_key`
  const public_key = pair.publicKey.export({ type: 'spki', format: 'pem' })
  await server.call('PUT', path, { public_key }, bearer(business.key))
  const application = readId(accessIds.application, business.application) as string
  const ids = new Map([
    ['business', business.rowId.replaceAll('-', '')],
    ['application', application.replaceAll('-', '')],
    ['application_uuid', application],
    ['key', business.key],
    ['plain_key', plainSpelling(business.key)],
    ['api_key', business.rowId.slice(-8)],
  ])
  const find = async (name: string): Promise<string> => {
    const known = ids.get(name)
    if (known !== undefined) return known
    const [, kind, rest = ''] = /^(to|code|wrong|totp\+)(\d+)$/.exec(name) ?? []
    const made =
      kind === 'to'
        ? freshNumber().slice(1)
        : kind === 'totp+'
          ? shownCode(totpSecret, Number(rest))
          : await codeOf(Number(rest), kind === 'wrong')
    ids.set(name, made)
    return made
  }
  const codeOf = async (place: number, isWrong: boolean): Promise<string> => {
    const { to, count } = recording.codes[place - 1] as Recording['codes'][number]
    const code = await codeOn(server, `+${await find(`to${to}`)}`, count)
    return isWrong ? wrongCode(code) : code
  }
  return { ids, find }
}

async function filled(text: string, { find }: Values): Promise<string> {
  let so = text
  for (const [whole, name = ''] of text.matchAll(/\{\{([^{}]+)\}\}/g)) so = so.replace(whole, await find(name))
  return so
}

async function send({ method, path, headers, jwt, body }: Exchange, values: Values) {
  const { host } = new URL(server.url)
  const pairs = await Promise.all(
    headers.map(async ([name, value]) => [
      name,
      name === 'authorization' ? await authorization(value, jwt, values) : value,
    ]),
  )
  const bytes = await filled(body, values)
  const isChunked = headers.some(([name]) => name === 'transfer-encoding')
  const length = isChunked || bytes === '' ? [] : ['content-length', String(Buffer.byteLength(bytes))]
  const url = server.url + (await filled(path, values))
  return new Promise<{ status: number; text: string }>((done, fail) => {
    const asked = request(
      url,
      { method, headers: [...pairs.flat(), 'host', host, ...length] as string[] },
      (answer) => {
        let text = ''
        answer.on('data', (chunk) => (text += String(chunk)))
        answer.on('end', () => done({ status: answer.statusCode ?? 0, text }))
      },
    )
    // No body is said as it was: by a length of nothing, in chunks, or not at all.
    asked.useChunkedEncodingByDefault = isChunked
    asked.on('error', fail)
    asked.end(bytes)
  })
}

async function authorization(value: string, jwt: Jwt | undefined, values: Values): Promise<string> {
  const [scheme = '', rest = ''] = value.split(' ')
  if (!jwt) return `${scheme} ${Buffer.from(await filled(rest, values)).toString('base64')}`
  const now = Math.floor(Date.now() / 1000)
  const claims = Object.entries(jwt.claims).map(async ([name, claim]) => {
    if (['iat', 'exp', 'nbf'].includes(name)) return [name, now + Number(claim)]
    if (name === 'jti') return [name, randomUUID()]
    return [name, typeof claim === 'string' ? await filled(claim, values) : claim]
  })
  const part = (of: object): string => Buffer.from(JSON.stringify(of)).toString('base64url')
  const signed = `${part(jwt.header)}.${part(Object.fromEntries(await Promise.all(claims)) as object)}`
  return `${scheme} ${signed}.${createSign('RSA-SHA256').update(signed).sign(pair.privateKey, 'base64url')}`
}
