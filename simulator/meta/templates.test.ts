import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Business, codeMessage, loginCode, startBusiness, startOver } from '../testing.ts'

const app = { package_name: 'com.example.bank', signature_hash: 'K8a/AINcGX7' }
const budi = '+6281234567890'
const dayMs = 86_400_000

const oneTap = (button: object = { supported_apps: [app] }) => ({
  name: 'one_tap',
  language: 'en',
  category: 'AUTHENTICATION',
  components: [
    { type: 'BODY' },
    { type: 'FOOTER', code_expiration_minutes: 5 },
    { type: 'BUTTONS', buttons: [{ type: 'OTP', otp_type: 'ONE_TAP', ...button }] },
  ],
})

describe('templates', () => {
  let world: Business
  before(async () => {
    world = await startBusiness()
  })
  after(() => world.stop())
  beforeEach(async () => {
    await startOver(world)
    const { account } = world.running.simulator.world
    account.templates.clear()
    account.deletedNames.clear()
  })

  const create = (body: object, version = 'v26.0') =>
    world.call('POST', `/meta/${version}/${world.facts.waba_id}/message_templates`, body, world.headers)
  const list = async (query = '') => (await world.graph('GET', `waba/message_templates?${query}`)).body
  const named = (name: string, language = 'en') => ({ ...loginCode(language), name })
  const setStatus = (name: string, status: string) => world.call('PUT', `/templates/${name}`, { status })

  it('read back as Meta does, the OTP button as a URL button, and are previewed', async () => {
    await create(loginCode('pt_BR'))
    const [template] = (await list('name=login_code')).data
    assert.equal(template.components[2].buttons[0].type, 'URL')
    assert.match(
      template.components[2].buttons[0].url,
      /otp_type=COPY_CODE&code_expiration_minutes=5&code=otp\{\{1\}\}$/,
    )
    const preview = await world.graph(
      'GET',
      'waba/message_template_previews?category=AUTHENTICATION&languages=es_ES,de&code_expiration_minutes=10',
    )
    assert.deepEqual(
      preview.body.data.map(({ footer }: any) => footer),
      ['Este código caduca en 10 minutos.', 'Dieser Code verfällt in 10 Minuten.'],
    )
  })

  it('with one-tap carry the data of the app, and offer it only to a phone that has it', async () => {
    assert.equal((await create(oneTap({ supported_apps: [app], autofill_text: 'My fill' }))).status, 200)
    const [{ components }] = (await list()).data
    const url = new URL(components[2].buttons[0].url)
    assert.deepEqual(
      ['otp_type', 'cta_display_name', 'package_name', 'signature_hash', 'code'].map((name) =>
        url.searchParams.get(name),
      ),
      ['ONE_TAP', 'My fill', 'com.example.bank', 'K8a/AINcGX7', 'otp{{1}}'],
    )
    const buttons = async (to: string) => {
      const message = codeMessage(to, '4711')
      await world.send({ ...message, template: { ...message.template, name: 'one_tap', language: { code: 'en' } } })
      await world.advance(100)
      return (await world.inbox(to)).at(-1).buttons.map(({ kind, label }: any) => [kind, label])
    }
    await world.call('PUT', `/handsets/${budi}`, { apps: [app] })
    const english = ['not_requested', "I didn't request a code"]
    assert.deepEqual(await buttons(budi), [['autofill', 'My fill'], english])
    assert.deepEqual(await buttons('+6281234567899'), [['copy_code', 'Copy code'], english])
    await world.call('PUT', `/handsets/${budi}`, { language: 'es', apps: [{ ...app, signature_hash: 'AAAAAAAAAAA' }] })
    assert.deepEqual(await buttons(budi), [
      ['copy_code', 'Copy code'],
      ['not_requested', 'No solicité un código'],
    ])
  })

  it('hand the code over until it ends, and the report for longer', async () => {
    await create(loginCode('pt_BR'))
    const noFooter = named('no_footer', 'pt_BR')
    await create({ ...noFooter, components: noFooter.components.filter(({ type }) => type !== 'FOOTER') })
    for (const [name, minutes] of [
      ['login_code', 5],
      ['no_footer', 10],
    ] as const) {
      const message = codeMessage(budi, '4711')
      await world.send({ ...message, template: { ...message.template, name } })
      await world.advance(100)
      const { id, code_expires_at: expiresAt, received_at: at } = (await world.inbox(budi)).at(-1)
      const livesMs = Date.parse(expiresAt) - Date.parse(at)
      assert.ok(Math.abs(livesMs - minutes * 60_000) < 1000, `${name}: ${livesMs}`)
      const press = (button: string) => world.call('POST', `/handsets/${budi}/messages/${id}/press`, { button })
      await world.advance(minutes * 60_000 - 1000)
      assert.equal((await press('copy_code')).body.code, '4711')
      await world.advance(1000)
      const late = await press('copy_code')
      assert.deepEqual([late.status, late.body.error.code, late.body.code], [410, 'code_expired', undefined])
      assert.equal((await press('not_requested')).status, 200)
    }
  })

  it('are refused with words for a person', async () => {
    await create(loginCode('pt_BR'))
    const again = (await create(loginCode('pt_BR'))).body.error
    assert.deepEqual(
      [again.code, again.error_subcode, again.is_transient, typeof again.error_user_title, typeof again.error_user_msg],
      [100, 2388024, false, 'string', 'string'],
    )
    assert.ok(!('error_data' in again), 'that is for messages')
    const utility = (components: object[], more: object = {}) => ({
      name: 'x',
      language: 'en',
      category: 'UTILITY',
      components,
      ...more,
    })
    const body = { type: 'BODY', text: 'Hello.' }
    const refused: [string, object, number | undefined][] = [
      ['a name in capitals', { ...named('Login') }, undefined],
      ['no category', { ...named('x'), category: undefined }, undefined],
      ['no language', { ...named('x'), language: undefined }, undefined],
      [
        '91 minutes',
        { ...named('x'), components: [{ type: 'BODY' }, { type: 'FOOTER', code_expiration_minutes: 91 }] },
        undefined,
      ],
      ['no button', { ...named('x'), components: [{ type: 'BODY' }] }, undefined],
      ['own words', { ...named('x'), components: [{ type: 'BODY', text: 'My {{1}}' }] }, 2388072],
      ['a header', { ...named('x'), components: [{ type: 'HEADER', format: 'TEXT', text: 'x' }] }, 2388047],
      ['no app', oneTap({}), undefined],
      ['six apps', oneTap({ supported_apps: Array.from({ length: 6 }, () => app) }), undefined],
      ['a package of one segment', oneTap({ supported_apps: [{ ...app, package_name: 'bank' }] }), undefined],
      ['a package of 225', oneTap({ supported_apps: [{ ...app, package_name: `a.${'b'.repeat(223)}` }] }), undefined],
      ['a hash of 10', oneTap({ supported_apps: [{ ...app, signature_hash: 'K8a/AINcGX' }] }), undefined],
      ['a long label', oneTap({ supported_apps: [app], autofill_text: 'x'.repeat(26) }), 2388040],
      ['the app in the button', oneTap(app), undefined],
      ['zero-tap without terms', oneTap({ otp_type: 'ZERO_TAP', supported_apps: [app] }), undefined],
      ['no body', utility([{ type: 'FOOTER', text: 'x' }]), 2388072],
      ['a long body', utility([{ type: 'BODY', text: 'x'.repeat(1025) }]), 2388040],
      ['a variable at the end', utility([{ type: 'BODY', text: 'Hello {{1}}' }]), 2388299],
      ['numbers with a gap', utility([{ type: 'BODY', text: 'Hello {{1}} and {{3}}.' }]), 2388072],
      ['names in capitals', utility([{ type: 'BODY', text: 'Hi {{Name}}.' }], { parameter_format: 'NAMED' }), 2388072],
      ['a header of no kind', utility([body, { type: 'HEADER', text: 'x' }]), 2388047],
      ['a long footer', utility([body, { type: 'FOOTER', text: 'x'.repeat(61) }]), 2388073],
      [
        'a wrong phone number',
        utility([body, { type: 'BUTTONS', buttons: [{ type: 'PHONE_NUMBER', text: 'Call', phone_number: 'x' }] }]),
        undefined,
      ],
    ]
    for (const [name, template, subcode] of refused) {
      const { status, body: answer } = await create(template)
      assert.deepEqual([status, answer.error?.error_subcode], [400, subcode], name)
      assert.ok(!('error_data' in answer.error), name)
      if (subcode === undefined) assert.match(answer.error.message, /^\(#1(00|92)\) /, name)
    }
    assert.equal((await create(oneTap(app), 'v20.0')).status, 200, 'up to v20 the app stood in the button')
    assert.equal((await list()).data.length, 2)
  })

  it('for several languages at once leave the labels to the platform', async () => {
    const { language: _, ...rest } = named('many')
    const upsert = (changes: object = {}) =>
      world.graph('POST', 'waba/upsert_message_templates', { ...rest, languages: ['en_US', 'id'], ...changes })
    const [body, , buttons] = rest.components
    const refused = [
      { languages: [] },
      { language: 'en' },
      { category: 'UTILITY' },
      { components: [body, { type: 'BUTTONS', buttons: [{ type: 'OTP', otp_type: 'COPY_CODE', text: 'Copy' }] }] },
      { components: [body, { ...buttons, buttons: [{ type: 'OTP', otp_type: 'COPY_CODE', autofill_text: 'Fill' }] }] },
    ]
    for (const changes of refused) {
      const { status, body: answer } = await upsert(changes)
      assert.deepEqual([status, answer.error?.code], [400, 100], JSON.stringify(changes))
    }
    const { data } = (await upsert()).body
    assert.deepEqual(
      data.map(({ language, status }: any) => [language, status]),
      [
        ['en_US', 'APPROVED'],
        ['id', 'APPROVED'],
      ],
    )
    for (const [before, after] of [
      ['PAUSED', 'APPROVED'],
      ['REJECTED', 'APPROVED'],
      ['PENDING', 'PENDING'],
      ['DISABLED', 'DISABLED'],
    ]) {
      await setStatus('many', before as string)
      const again = (await upsert()).body.data
      assert.deepEqual([again[0].id, again[0].status], [data[0].id, after], before)
    }
  })

  it('are edited in some states only, and an approved one once a day', async () => {
    const { id } = (await create(named('edited'))).body
    const edit = (minutes: number) =>
      world.graph('POST', id, {
        components: [
          { type: 'BODY' },
          { type: 'FOOTER', code_expiration_minutes: minutes },
          loginCode('en').components[2],
        ],
      })
    assert.equal((await edit(91)).status, 400, 'a wrong one is not counted')
    assert.equal((await edit(3)).body.success, true)
    assert.equal((await edit(4)).body.error?.code, 100)
    await setStatus('edited', 'REJECTED')
    assert.equal((await edit(4)).body.success, true)
    const read = (await world.graph('GET', id)).body
    assert.deepEqual([read.status, read.components[1].code_expiration_minutes], ['APPROVED', 4])
    for (const status of ['PENDING', 'DISABLED']) {
      await setStatus('edited', status)
      assert.equal((await edit(5)).status, 400, status)
    }
    await setStatus('edited', 'APPROVED')
    for (let day = 2; day <= 10; day++) {
      await world.advance(dayMs)
      assert.equal((await edit(6)).status, 200, `day ${day}`)
    }
    await world.advance(dayMs)
    assert.equal((await edit(6)).status, 400, 'ten a month')
    assert.equal((await world.graph('POST', id, { message_send_ttl_seconds: 60 })).status, 400)
    await world.advance(30 * dayMs)
    assert.equal((await world.graph('POST', id, { message_send_ttl_seconds: 60 })).status, 200)
    const after = (await world.graph('GET', id)).body
    assert.deepEqual([after.message_send_ttl_seconds, after.components[1].code_expiration_minutes], [60, 6])
  })

  it('that were approved and deleted keep their name for 30 days', async () => {
    const { id } = (await create(named('gone'))).body
    await create(named('gone', 'id'))
    const remove = (query: string) => world.graph('DELETE', `waba/message_templates?${query}`)
    assert.equal((await remove('name=other')).body.error.error_subcode, 33)
    await remove(`name=gone&hsm_id=${id}`)
    assert.equal((await create(named('gone'))).body.error.error_subcode, 2388023)
    assert.equal((await create(named('gone', 'es'))).status, 200, 'the name lives in another language')
    assert.deepEqual((await remove('name=gone')).body, { success: true })
    assert.equal((await create(named('gone', 'fr'))).body.error.error_subcode, 2388023)
    await world.advance(31 * dayMs)
    assert.equal((await create(named('gone', 'fr'))).status, 200)
    await setStatus('gone', 'DISABLED')
    assert.equal((await remove('name=gone')).status, 400)
    await setStatus('gone', 'REJECTED')
    assert.equal((await remove('name=gone')).status, 200)
    assert.equal((await create(named('gone', 'fr'))).status, 200)
  })

  it('are listed in pages', async () => {
    for (let index = 0; index < 5; index++) await create(named(`t${index}`))
    const namesOf = ({ data }: any) => data.map(({ name }: any) => name)
    const first = await list('limit=2')
    assert.deepEqual(namesOf(first), ['t0', 't1'])
    const second = await list(`limit=2&after=${first.paging.cursors.after}`)
    assert.deepEqual(namesOf(second), ['t2', 't3'])
    const next = await fetch(second.paging.next, { headers: world.headers })
    const third = (await next.json()) as any
    assert.deepEqual([namesOf(third), third.paging.next], [['t4'], undefined])
    assert.deepEqual(await list(`limit=2&after=${third.paging.cursors.after}`), { data: [] })
    assert.deepEqual(namesOf(await list(`limit=2&before=${third.paging.cursors.before}`)), ['t2', 't3'])
    assert.equal((await list('after=nonsense')).error.code, 100)
    assert.deepEqual((await list('name=t3&fields=status')).data, [
      { status: 'APPROVED', id: (await list('name=t3')).data[0].id },
    ])
    assert.equal((await list('fields=weather')).error.code, 100)
    await setStatus('t2', 'PAUSED')
    assert.deepEqual(namesOf(await list('status=PAUSED')), ['t2'])
    assert.deepEqual(namesOf(await list('name_or_content=t4')), ['t4'])
    assert.deepEqual((await list('language=xx')).data, [])
  })

  it('tell of their health', async () => {
    await create(named('ill'))
    const health = async () => (await list('name=ill&fields=health_status')).data[0].health_status
    assert.equal((await health()).can_send_message, 'AVAILABLE')
    await setStatus('ill', 'PAUSED')
    const { can_send_message: can, entities } = await health()
    assert.deepEqual([can, entities[0].entity_type, entities[0].errors.length], ['BLOCKED', 'MESSAGE_TEMPLATE', 1])
    const [{ id }] = (await list('name=ill')).data
    await world.graph('POST', `${id}/unpause`)
    assert.equal((await health()).can_send_message, 'AVAILABLE')
  })
})
