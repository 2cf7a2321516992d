import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { connectCentang } from '../../examples/centang.ts'
import { createFileRoom } from '../../examples/file/server.ts'
import { createPayments } from '../../examples/pay/server.ts'
import { createServiceDesk } from '../../examples/service-request/server.ts'
import { createSignUp } from '../../examples/sign-up/server.ts'
import { codeOn, freshNumber, wrongCode } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { type Example, serveExample } from './serve-example.ts'

describe('the examples', () => {
  let server: SharedServer
  before(async () => {
    server = await sharedServer()
  })
  after(() => server.stop())
  const centang = () => connectCentang(server)

  describe('account verification at sign-up', () => {
    let shop: Example
    let accounts: ReturnType<typeof createSignUp>['accounts']
    before(async () => {
      const made = createSignUp(centang())
      accounts = made.accounts
      shop = await serveExample(made.server)
    })
    after(() => shop.stop())

    it('makes an account of what was kept, when the code is right', async () => {
      const phone = freshNumber()
      const { status, body } = await shop.call('POST', '/sign-ups', {
        name: 'Sari',
        phone: `${phone.slice(0, 6)} ${phone.slice(6)}`,
      })
      assert.deepEqual([status, body.sent_by], [201, 'whatsapp'])
      const code = await codeOn(server, phone)
      const wrong = await shop.call('POST', `/sign-ups/${body.id}/code`, { code: wrongCode(code) })
      assert.deepEqual([wrong.status, wrong.body], [422, { error: 'wrong_code', checks_remaining: 4 }])
      assert.equal(accounts.size, 0)
      const right = await shop.call('POST', `/sign-ups/${body.id}/code`, { code, phone: '+6280000000000', name: 'Eve' })
      assert.deepEqual([right.status, right.body.name, right.body.phone], [201, 'Sari', phone])
      const again = await shop.call('POST', `/sign-ups/${body.id}/code`, { code })
      assert.deepEqual([again.status, accounts.size], [404, 1])
    })

    it('tells who has an account only to whom the phone belongs', async () => {
      const phone = freshNumber()
      const first = await shop.call('POST', '/sign-ups', { name: 'Budi', phone })
      await shop.call('POST', `/sign-ups/${first.body.id}/code`, { code: await codeOn(server, phone) })
      const second = await shop.call('POST', '/sign-ups', { name: 'Not Budi', phone })
      assert.deepEqual(Object.keys(second.body), Object.keys(first.body))
      const code = await codeOn(server, phone, 2)
      const { status, body } = await shop.call('POST', `/sign-ups/${second.body.id}/code`, { code })
      assert.deepEqual([status, body.error, accounts.get(phone)?.name], [409, 'account_exists', 'Budi'])
    })

    it('refuses what is no phone', async () => {
      const { status, body } = await shop.call('POST', '/sign-ups', { name: 'Sari', phone: '0812' })
      assert.deepEqual([status, body.error], [422, 'recipient_invalid'])
    })
  })

  describe('transaction authorisation', () => {
    const phone = freshNumber()
    const token = 'session-of-sari'
    let bank: Example
    let messages = 0
    before(async () => {
      const customers = new Map([
        [token, { name: 'Sari', phone }],
        ['session-of-eve', { name: 'Eve', phone: freshNumber() }],
      ])
      bank = await serveExample(createPayments(centang(), customers).server)
    })
    after(() => bank.stop())
    const pay = async (body: object) => {
      const made = await bank.call('POST', '/payments', body, token)
      assert.equal(made.status, 201)
      return { id: made.body.id as string, code: await codeOn(server, phone, ++messages) }
    }
    const authorise = (id: string, code: string, who = token) =>
      bank.call('POST', `/payments/${id}/authorise`, { code }, who)
    const rent = { amount: '1500000.00', currency: 'IDR', payee: 'Kost <b>Melati</b>' }

    it('shows amount, currency and payee where the code is typed, and authorises that once', async () => {
      const { id, code } = await pay(rent)
      const { body: page } = await bank.call('GET', `/payments/${id}/confirm`, undefined, token)
      assert.ok(page.includes('<dd>1500000.00 IDR</dd>') && page.includes('Kost &#60;b&#62;Melati'), page)
      assert.deepEqual((await authorise(id, code, 'session-of-eve')).status, 404)
      // As the page's form does it in a browser.
      const form = await fetch(`${bank.url}/payments/${id}/authorise`, {
        method: 'POST',
        headers: { cookie: `theme=dark; session=${token}` },
        body: new URLSearchParams({ code }),
      })
      assert.deepEqual([form.status, await form.json()], [200, { id, ...rent, status: 'authorised' }])
      const again = await authorise(id, code)
      assert.deepEqual([again.status, again.body.error], [422, 'verification_closed'])
    })

    it('takes the code of one payment for no other', async () => {
      const first = await pay(rent)
      const second = await pay({ ...rent, amount: '15.00' })
      assert.notEqual(first.code, second.code)
      const { status, body } = await authorise(first.id, second.code)
      assert.deepEqual([status, body.error], [422, 'wrong_code'])
    })

    it('kills the code of a payment that is changed, and sends another', async () => {
      const { id, code } = await pay(rent)
      const changed = await bank.call('PATCH', `/payments/${id}`, { amount: '9500000.00' }, token)
      assert.deepEqual([changed.status, changed.body.amount], [200, '9500000.00'])
      const fresh = await codeOn(server, phone, ++messages)
      const old = await authorise(id, code)
      assert.deepEqual([old.status, old.body.error], [422, 'wrong_code'])
      assert.equal((await authorise(id, fresh)).body.status, 'authorised')
      assert.equal((await bank.call('PATCH', `/payments/${id}`, { amount: '1.00' }, token)).status, 409)
    })
  })

  describe('access to a confidential file', () => {
    const phone = freshNumber()
    let firm: Example
    before(async () => {
      const files = new Map([['contract', { name: 'contract.txt', text: 'Strictly between us.', readers: [phone] }]])
      firm = await serveExample(createFileRoom(centang(), files))
    })
    after(() => firm.stop())

    it('opens it once for a reader who has the phone, and for a moment', async () => {
      const asked = await firm.call('POST', '/files/contract', { phone })
      assert.equal(asked.status, 202)
      const code = await codeOn(server, phone)
      assert.equal((await firm.call('GET', '/downloads/nothing')).status, 404)
      assert.equal((await firm.call('POST', `/visits/${asked.body.visit}`, { code: wrongCode(code) })).status, 422)
      const opened = await firm.call('POST', `/visits/${asked.body.visit}`, { code })
      assert.deepEqual([opened.status, opened.body.expires_in_seconds], [200, 60])
      const read = await firm.call('GET', `/downloads/${opened.body.download}`)
      assert.deepEqual([read.status, read.body], [200, 'Strictly between us.'])
      assert.equal((await firm.call('GET', `/downloads/${opened.body.download}`)).status, 404)
    })

    it('answers others the same, and sends them nothing', async () => {
      const stranger = freshNumber()
      const asked = await firm.call('POST', '/files/contract', { phone: stranger })
      assert.deepEqual([asked.status, Object.keys(asked.body)], [202, ['visit']])
      const { body } = await server.call('GET', `/v1/verifications?to=${encodeURIComponent(stranger)}`)
      assert.deepEqual(body.data, [])
      const reader = await firm.call('POST', '/files/contract', { phone })
      const code = wrongCode(await codeOn(server, phone, 2))
      for (const { body } of [asked, reader]) {
        // Once more than a verification has checks: its refusal looks like a wrong code too.
        for (let check = 0; check < 6; check++) {
          const answered = await firm.call('POST', `/visits/${body.visit}`, { code })
          assert.deepEqual([answered.status, answered.body], [422, { error: 'wrong_code' }])
        }
      }
    })
  })

  describe('a service request with an agent', () => {
    const phone = freshNumber()
    let desk: Example
    let customer = ''
    before(async () => {
      const server = createServiceDesk(centang(), {
        agents: new Set(['agent', 'other-agent']),
        phones: new Map([['budi', phone]]),
        sendLink: (_phone, _id, token) => (customer = token),
      })
      desk = await serveExample(server)
    })
    after(() => desk.stop())

    it('lets the agent act once the customer has confirmed, once, and see neither code nor password link', async () => {
      const opened = await desk.call('POST', '/requests', { customer: 'budi', phone: freshNumber() }, 'agent')
      assert.deepEqual([opened.status, opened.body.sent_to], [201, `…${phone.slice(-3)}`])
      const path = `/requests/${opened.body.id}`
      const code = await codeOn(server, phone)
      const early = await desk.call('POST', `${path}/reset`, {}, 'agent')
      assert.deepEqual([early.status, early.body.error], [409, 'waiting'])
      assert.equal((await desk.call('POST', `${path}/code`, { code }, 'agent')).status, 404, 'not even with the code')
      assert.equal((await desk.call('POST', `${path}/code`, { code: wrongCode(code) }, customer)).status, 422)
      assert.equal((await desk.call('POST', `${path}/code`, { code }, customer)).body.status, 'confirmed')
      assert.equal((await desk.call('POST', `${path}/reset`, {}, 'other-agent')).status, 404)
      const done = await desk.call('POST', `${path}/reset`, {}, 'agent')
      assert.deepEqual(done.body, { status: 'done' })
      assert.equal((await desk.call('POST', `${path}/reset`, {}, 'agent')).status, 409)
      assert.equal((await desk.call('GET', `${path}/reset`, undefined, 'agent')).status, 404)
      assert.match((await desk.call('GET', `${path}/reset`, undefined, customer)).body.reset_token, /^[\w-]{36}$/)
    })

    it('is for agents, and for customers they have', async () => {
      assert.equal((await desk.call('POST', '/requests', { customer: 'budi' }, 'nobody')).status, 401)
      assert.equal((await desk.call('POST', '/requests', { customer: 'eve' }, 'agent')).status, 404)
    })
  })
})
