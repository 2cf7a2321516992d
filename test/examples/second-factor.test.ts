import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { createLogin } from '../../examples/second-factor/server.ts'
import { findStep, newSecret, totpAt } from '../../examples/second-factor/totp.ts'
import { codeOn, freshNumber, wrongCode } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'

describe('the example of a second factor', () => {
  let centang: SharedServer
  let login: Server
  let url: string
  let now = new Date('2026-11-25T10:00:00Z')
  before(async () => {
    centang = await sharedServer()
    login = createLogin({ centangUrl: centang.url, apiKey: centang.key, now: () => now })
    login.listen(0, '127.0.0.1')
    await once(login, 'listening')
    url = `http://127.0.0.1:${(login.address() as AddressInfo).port}`
  })
  after(async () => {
    login.close()
    await centang.stop()
  })

  const send = async (step: string, body: object | string) => {
    const answer = await fetch(`${url}/${step}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    return { status: answer.status, body: (await answer.json()) as Record<string, string> }
  }
  const password = 'correct horse'
  const begin = async (name: string) => {
    const { body } = await send('password', { name, password })
    return { ticket: body['ticket'] as string, factors: body['factors'] as unknown as string[] }
  }
  const pass = (seconds: number) => (now = new Date(now.getTime() + seconds * 1000))
  const step = () => Math.floor(now.getTime() / 30_000)

  async function signedUp(name: string): Promise<{ phone: string; session: string }> {
    const phone = freshNumber()
    await send('sign-up', { name, password, phone })
    const { ticket } = await begin(name)
    await send('send-code', { ticket })
    const { body } = await send('phone', { ticket, code: await codeOn(centang, phone) })
    return { phone, session: body['session'] as string }
  }

  async function withApp(name: string) {
    const { phone, session } = await signedUp(name)
    const { body } = await send('propose-totp', { session })
    const secret = new URL(body['uri'] as string).searchParams.get('secret') as string
    const confirmed = await send('confirm-totp', { session, code: totpAt(secret, step()) })
    return { phone, secret, recovery: confirmed.body['recovery_codes'] as unknown as string[] }
  }

  it('signs in by the phone', async () => {
    const { session } = await signedUp('ani')
    assert.ok(session)
    const { ticket, factors } = await begin('ani')
    assert.deepEqual(factors, ['phone'])
    assert.equal((await send('phone', { ticket, code: '123456' })).status, 403, 'before anything was sent')
  })

  it('does not sign in by a wrong code, by the code of another login, or without the password', async () => {
    const { phone } = await signedUp('budi')
    const { ticket } = await begin('budi')
    await send('send-code', { ticket })
    const code = await codeOn(centang, phone, 2)
    assert.equal((await send('phone', { ticket, code: wrongCode(code) })).status, 403)
    assert.equal((await send('phone', { ticket: (await begin('budi')).ticket, code })).status, 403)
    assert.equal((await send('password', { name: 'budi', password: 'wrong' })).status, 403)
    assert.equal((await send('password', { name: 'nobody', password })).status, 403)
    assert.equal((await send('phone', { ticket, code })).status, 200)
  })

  it('signs in by an authenticator app, whose codes work once', async () => {
    const { secret } = await withApp('citra')
    const { ticket, factors } = await begin('citra')
    assert.deepEqual(factors, ['totp', 'phone', 'recovery'])
    assert.equal(
      (await send('totp', { ticket, code: totpAt(secret, step()) })).status,
      403,
      'it confirmed the app already',
    )
    pass(30)
    const code = totpAt(secret, step())
    assert.equal((await send('totp', { ticket, code })).status, 200)
    assert.equal((await send('totp', { ticket: (await begin('citra')).ticket, code })).status, 403)
  })

  it('signs in by each recovery code once, when the phone is gone', async () => {
    const { recovery } = await withApp('dewi')
    assert.equal(new Set(recovery).size, 10)
    const [code = ''] = recovery
    const spelled = `${code.slice(0, 8)}-${code.slice(8)}`
    assert.equal((await send('recovery', { ticket: (await begin('dewi')).ticket, code: spelled })).status, 200)
    assert.equal((await send('recovery', { ticket: (await begin('dewi')).ticket, code })).status, 403)
    assert.equal((await send('recovery', { ticket: (await begin('dewi')).ticket, code: recovery[1] })).status, 200)
  })

  it('stops guessing after five for a quarter of an hour, with the right code too', async () => {
    const { secret } = await withApp('eko')
    const { ticket } = await begin('eko')
    pass(30)
    for (let guesses = 0; guesses < 5; guesses++) {
      assert.equal((await send('totp', { ticket, code: wrongCode(totpAt(secret, step())) })).status, 403)
    }
    assert.equal((await send('totp', { ticket, code: totpAt(secret, step()) })).status, 403)
    assert.equal(
      (await send('totp', { ticket: (await begin('eko')).ticket, code: totpAt(secret, step()) })).status,
      403,
    )
    pass(901)
    assert.equal(
      (await send('totp', { ticket: (await begin('eko')).ticket, code: totpAt(secret, step()) })).status,
      200,
    )
  })

  it('asks for the password again after ten minutes, and understands no nonsense', async () => {
    await signedUp('fajar')
    const { ticket } = await begin('fajar')
    pass(601)
    assert.equal((await send('send-code', { ticket })).status, 403)
    for (const body of ['', '[', '"x"', 'x'.repeat(20_000)])
      assert.ok([400, 403].includes((await send('totp', body)).status))
    assert.equal((await send('totp', { ticket: { a: 1 }, code: [] })).status, 403)
  })
})

describe('the codes of an authenticator app', () => {
  it('are those of RFC 6238, appendix B', () => {
    // The ASCII secret 12345678901234567890 in base32.
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
    for (const [time, code] of [
      [59, '94287082'],
      [1111111109, '07081804'],
      [1111111111, '14050471'],
      [1234567890, '89005924'],
      [2000000000, '69279037'],
      [20000000000, '65353130'],
    ] as const) {
      assert.equal(totpAt(secret, Math.floor(time / 30), 8), code)
    }
  })

  it('are taken a step early or late, and no more', () => {
    const secret = newSecret()
    assert.match(secret, /^[A-Z2-7]{32}$/)
    const now = new Date(1_800_000_000_000)
    const current = 1_800_000_000 / 30
    for (const offset of [-2, -1, 0, 1, 2]) {
      const found = findStep(secret, totpAt(secret, current + offset), 0, now)
      // Codes of neighbouring steps are equal once in a million times.
      assert.equal(found === undefined, Math.abs(offset) > 1)
    }
  })
})
