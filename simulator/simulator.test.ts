import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { createClock } from './clock.ts'
import {
  codeMessage,
  eventually,
  loginCode,
  receiveWebhooks,
  type Running,
  runSimulator,
  signatureOf,
} from './testing.ts'

describe('the simulated Graph API', () => {
  let running: Running
  let hook: Awaited<ReturnType<typeof receiveWebhooks>>
  let facts: any
  let headers: Record<string, string>
  const clock = createClock({ startsAt: Date.parse('2026-11-24T12:00:00Z') })
  before(async () => {
    running = await runSimulator({ clock, verifiedName: 'Padaria São João/Filial' })
    facts = (await running.call('GET', '/meta')).body
    headers = { authorization: `Bearer ${facts.access_token}` }
    hook = await receiveWebhooks(facts.verify_token)
    await running.call('POST', `/meta/v24.0/${facts.waba_id}/message_templates`, loginCode('pt_BR'), headers)
    await running.call(
      'POST',
      `/meta/v24.0/${facts.waba_id}/subscribed_apps`,
      { override_callback_uri: hook.url, verify_token: facts.verify_token },
      headers,
    )
  })
  after(async () => {
    await running.stop()
    await hook.stop()
  })
  beforeEach(async () => {
    await running.call('POST', '/reset')
    hook.posted.length = 0
    hook.answer.status = 200
  })

  const send = (body: object, more: Record<string, string> = headers) =>
    running.call('POST', `/meta/v24.0/${facts.phone_number_id}/messages`, body, more)
  const advance = (ms: number) => running.call('POST', '/clock/advance', { ms })
  const statuses = () =>
    hook.posted.flatMap(({ body }) => body.entry[0].changes[0].value.statuses ?? []) as {
      status: string
      id: string
      biz_opaque_callback_data: string
    }[]
  const heard = (count: number) => eventually(() => statuses().length >= count)

  it('accepts, then tells sent and delivered with our reference, signed over ASCII bytes', async () => {
    const answer = await send(codeMessage('+55 (11) 98765-4321', '483920', 'ref.1'))
    assert.equal(answer.status, 200)
    assert.deepEqual(answer.body.contacts, [{ input: '+55 (11) 98765-4321', wa_id: '5511987654321' }])
    assert.equal(answer.body.messages[0].message_status, 'accepted')
    await advance(100)
    await heard(2)
    assert.deepEqual(
      statuses().map(({ status, biz_opaque_callback_data: reference }) => [status, reference]),
      [
        ['sent', 'ref.1'],
        ['delivered', 'ref.1'],
      ],
    )
    for (const { raw, signature } of hook.posted) {
      assert.match(raw, /^[\x00-\x7f]+$/)
      assert.match(raw, /\\u00eb/)
      assert.equal(signature, signatureOf(raw, facts.app_secret))
    }
    const { body } = await running.call('GET', '/handsets/+5511987654321/messages')
    assert.equal(body.messages[0].text, 'Seu código de verificação é 483920. Para sua segurança, não o compartilhe.')
    assert.equal(body.messages[0].brand, 'Padaria São João/Filial')
  })

  it('refuses in the shape and with the codes of the real one', async () => {
    const good = codeMessage('+5511987654321', '483920')
    const withTemplate = (changes: object) => ({ ...good, template: { ...good.template, ...changes } })
    const [bodyPart, button] = good.template.components as [object, object]
    const cases: [string, object, number, number][] = [
      ['no product', { ...good, messaging_product: undefined }, 400, 100],
      ['no recipient', { ...good, to: undefined }, 400, 100],
      ['recipient is a name', { ...good, to: 'Ana' }, 400, 131009],
      ['recipient is the sender', { ...good, to: facts.display_phone_number }, 400, 131021],
      ['user id instead of number', { ...good, to: undefined, recipient: 'US.1' }, 400, 131062],
      ['unknown language', withTemplate({ language: { code: 'xx' } }), 404, 132001],
      ['no parameters', withTemplate({ components: [] }), 400, 132000],
      ['no button', withTemplate({ components: [bodyPart] }), 400, 131008],
      ['copy_code button', withTemplate({ components: [bodyPart, { ...button, sub_type: 'copy_code' }] }), 400, 132018],
      [
        'another code in the button',
        withTemplate({ components: [bodyPart, { ...button, parameters: [{ type: 'text', text: '1' }] }] }),
        400,
        132018,
      ],
      [
        'a newline',
        withTemplate({ components: [{ type: 'body', parameters: [{ type: 'text', text: '1\n2' }] }, button] }),
        400,
        132012,
      ],
      ['unknown type', { ...good, type: 'hologram' }, 400, 131051],
    ]
    for (const [name, body, status, code] of cases) {
      const answer = await send(body)
      assert.deepEqual([answer.status, answer.body.error?.code], [status, code], name)
      assert.match(answer.body.error.fbtrace_id, /^A/)
      assert.equal(answer.headers.get('x-fb-trace-id'), answer.body.error.fbtrace_id)
    }
    assert.deepEqual(
      [(await send(good, {})).body.error.code, (await send(good, { authorization: 'Bearer EAAwrong' })).status],
      [104, 401],
    )
    assert.equal((await running.call('GET', '/messages')).body.messages.length, 0, 'nothing was sent')
  })

  it('keeps a message for a phone that is off, and drops it without a word after its time', async () => {
    await running.call('PUT', '/handsets/5511987654321', { online: false })
    await send(codeMessage('+5511987654321', '111111'))
    await advance(200_000)
    await running.call('PUT', '/handsets/5511987654321', { online: true })
    await advance(50)
    assert.equal((await running.call('GET', '/handsets/5511987654321/messages')).body.messages.length, 1)
    await running.call('PUT', '/handsets/5511987654321', { online: false })
    await send(codeMessage('+5511987654321', '222222'))
    await advance(400_000)
    await running.call('PUT', '/handsets/5511987654321', { online: true })
    await advance(50)
    assert.equal(
      (await running.call('GET', '/handsets/5511987654321/messages')).body.messages.length,
      1,
      'the second was dropped',
    )
    assert.ok(!statuses().some(({ status }) => status === 'failed'))
  })

  it('tells a failure without its reason when there is no WhatsApp', async () => {
    await send(codeMessage('+5511900000001', '1234'))
    await advance(100)
    await heard(1)
    const [failed] = statuses() as any[]
    assert.deepEqual([failed.status, failed.errors[0].code], ['failed', 131026])
  })

  it('limits one person to a burst of 45', async () => {
    const codes = []
    for (let index = 0; index < 50; index++)
      codes.push((await send(codeMessage('+5511987654321', '1234'))).body.error?.code)
    assert.equal(codes.indexOf(131056), 45)
    await advance(6100)
    assert.equal((await send(codeMessage('+5511987654321', '1234'))).status, 200)
  })

  it('comes back with a webhook that was not taken', async () => {
    hook.answer.status = 500
    await send(codeMessage('+5511987654321', '1234'))
    await advance(100)
    await eventually(() => hook.posted.length >= 2)
    hook.answer.status = 200
    await advance(600)
    await eventually(() => hook.posted.length >= 4)
    assert.deepEqual(
      hook.posted
        .slice(2)
        .map(({ raw }) => raw)
        .toSorted(),
      hook.posted
        .slice(0, 2)
        .map(({ raw }) => raw)
        .toSorted(),
    )
  })

  it('plays each fault, as often as it was asked to', async () => {
    const fault = (kind: string, more: object = {}) => running.call('POST', '/faults', { kind, ...more })
    await fault('fail_before_acceptance', { count: 1 })
    assert.equal((await send(codeMessage('+5511987654321', '1'))).status, 500)
    assert.equal((await send(codeMessage('+5511987654321', '2'))).status, 200)
    await fault('fail_after_acceptance', { count: 1 })
    await assert.rejects(send(codeMessage('+5511987654321', '3')))
    await fault('hold', { count: 1 })
    assert.equal(
      (await send(codeMessage('+5511987654321', '4'))).body.messages[0].message_status,
      'held_for_quality_assessment',
    )
    await fault('drop_receipts', { count: 1 })
    await fault('duplicate_receipts', { to: '+6281234567890', count: 1 })
    await send(codeMessage('+5511987654321', '5'))
    await send(codeMessage('+6281234567890', '6'))
    await advance(1000)
    await heard(8)
    const twice = statuses().filter((one: any) => one.recipient_id === '6281234567890')
    assert.equal(twice.length, 4)
    const wrong = await fault('earthquake')
    assert.equal(wrong.status, 400)
    assert.match(wrong.body.error.message, /fail_before_acceptance/)
    assert.equal((await running.call('DELETE', '/faults')).status, 204)
  })

  it('reads a template back as Meta does, and previews it', async () => {
    const { body } = await running.call(
      'GET',
      `/meta/${facts.waba_id}/message_templates?name=login_code`,
      undefined,
      headers,
    )
    const [template] = body.data
    assert.equal(template.components[2].buttons[0].type, 'URL')
    assert.match(
      template.components[2].buttons[0].url,
      /otp_type=COPY_CODE&code_expiration_minutes=5&code=otp\{\{1\}\}$/,
    )
    const preview = await running.call(
      'GET',
      `/meta/v24.0/${facts.waba_id}/message_template_previews?category=AUTHENTICATION&languages=es_ES&code_expiration_minutes=10`,
      undefined,
      headers,
    )
    assert.equal(preview.body.data[0].footer, 'Este código caduca en 10 minutos.')
  })

  it('offers one-tap only to a phone that has the app', async () => {
    const app = { package_name: 'com.example.bank', signature_hash: 'K8a/AINcGX7' }
    const oneTap = {
      ...loginCode('en'),
      name: 'one_tap',
      components: [
        { type: 'BODY' },
        { type: 'BUTTONS', buttons: [{ type: 'OTP', otp_type: 'ONE_TAP', supported_apps: [app] }] },
      ],
    }
    assert.equal(
      (await running.call('POST', `/meta/v24.0/${facts.waba_id}/message_templates`, oneTap, headers)).status,
      200,
    )
    const kinds = async (to: string) => {
      const message = codeMessage(to, '4711')
      await send({ ...message, template: { ...message.template, name: 'one_tap', language: { code: 'en' } } })
      await advance(100)
      return (await running.call('GET', `/handsets/${to}/messages`)).body.messages
        .at(-1)
        .buttons.map(({ kind }: { kind: string }) => kind)
    }
    await running.call('PUT', '/handsets/+5511987654321', { apps: [app] })
    assert.deepEqual(await kinds('+5511987654321'), ['autofill', 'not_requested'])
    assert.deepEqual(await kinds('+5511987654322'), ['copy_code', 'not_requested'])
  })

  it('takes a webhook URL only when it answers the question', async () => {
    const refused = await running.call(
      'POST',
      `/meta/v24.0/${facts.waba_id}/subscribed_apps`,
      { override_callback_uri: hook.url, verify_token: 'wrong' },
      headers,
    )
    assert.equal(refused.body.error.code, 2200)
  })

  it('plays an SMS gateway with signed receipts', async () => {
    const sms = {
      to: '+6281234567890',
      from: 'Centang',
      text: 'Demo: your code is 483920.\n\n@example.com #483920',
      reference: 'r1',
      callback_url: hook.url,
    }
    const token = { authorization: `Bearer ${facts.sms.token}` }
    assert.equal((await running.call('POST', '/sms/send', sms)).status, 401)
    assert.equal((await running.call('POST', '/sms/send', { ...sms, to: 'x' }, token)).body.error.code, 'invalid_to')
    assert.equal((await running.call('POST', '/sms/send', sms, token)).status, 202)
    await advance(200)
    await eventually(() => hook.posted.length >= 2)
    assert.deepEqual(
      hook.posted.map(({ body }) => [body.status, body.reference]),
      [
        ['sent', 'r1'],
        ['delivered', 'r1'],
      ],
    )
    assert.equal(hook.posted[0]?.signature, signatureOf(hook.posted[0]?.raw ?? '', facts.sms.token))
    assert.equal((await running.call('GET', '/handsets/6281234567890/messages')).body.messages[0].code, '483920')
  })

  it('says what is wrong with the use of it', async () => {
    const wrong = await running.call('PUT', '/handsets/+6281234567890', { whatsap: false })
    assert.deepEqual([wrong.status, /whatsapp, sms/.test(wrong.body.error.message)], [400, true])
    assert.equal((await running.call('GET', '/handsets/ana/messages')).status, 400)
    assert.equal(
      (await running.call('POST', '/handsets/+6281234567890/messages/m0/press', { button: 'x' })).status,
      404,
    )
    assert.equal((await running.call('POST', '/faults', '{')).status, 400)
  })
})
