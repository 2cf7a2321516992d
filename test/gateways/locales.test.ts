import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Answer, bearer, freshNumber, operatorKey } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { auth0Payload, logtoPayload } from './payloads.ts'

const tags = {
  'id-ID': 'id',
  in: 'id',
  in_ID: 'id',
  pt: 'pt-BR',
  pt_PT: 'pt-BR',
  'es-419': 'es',
  en_US: 'en',
  'pt-br': 'pt-BR',
}

describe('a language tag of any region and spelling is read at every door', () => {
  let server: SharedServer
  let twilio: { readonly account_sid: string; readonly service_sid: string }
  let vonageKey: string
  before(async () => {
    server = await sharedServer()
    const path = `/v1/applications/${server.business.application}`
    const { body } = await server.call('GET', `${path}/credentials`)
    twilio = body.twilio
    vonageKey = body.vonage.api_key
    assert.equal((await server.call('PATCH', path, { locale: 'es-419' })).body.locale, 'es')
  })
  after(() => server.stop())

  const basic = (user: string) => ({
    authorization: `Basic ${Buffer.from(`${user}:${server.key}`).toString('base64')}`,
  })
  const doors: Record<string, (to: string, locale: string) => Promise<Answer>> = {
    native: (to, locale) => server.call('POST', '/v1/verifications', { to, channel: 'sms', locale }),
    Twilio: (To, Locale) =>
      server.call(
        'POST',
        `/v2/Services/${twilio.service_sid}/Verifications`,
        new URLSearchParams({ To, Locale, Channel: 'sms' }).toString(),
        { ...basic(twilio.account_sid), 'content-type': 'application/x-www-form-urlencoded' },
      ),
    Vonage: (to, locale) =>
      server.call(
        'POST',
        '/v2/verify',
        { brand: 'ACME', locale, workflow: [{ channel: 'sms', to }] },
        basic(vonageKey),
      ),
    Logto: (to, locale) => {
      const body = logtoPayload(to, '482915')
      return server.call('POST', '/v1/gateway/logto', { ...body, payload: { ...body.payload, locale } })
    },
    Auth0: (to, locale) => server.call('POST', '/v1/gateway/auth0', { ...auth0Payload(to, '482916'), locale }),
  }
  const localeOf = async (to: string): Promise<string> =>
    (await server.call('GET', `/v1/verifications?to=${encodeURIComponent(to)}`)).body.data[0].locale

  for (const [door, start] of Object.entries(doors)) {
    it(door, async () => {
      for (const [tag, locale] of Object.entries(tags)) {
        const to = freshNumber()
        const { status, body } = await start(to, tag)
        assert.ok(status < 300, `${tag}: ${JSON.stringify(body)}`)
        assert.equal(await localeOf(to), locale, tag)
      }
      // Of another language the application's own is sent; through Vonage, English.
      const to = freshNumber()
      assert.ok((await start(to, 'fr-FR')).status < 300)
      assert.equal(await localeOf(to), door === 'Vonage' ? 'en' : 'es')
    })
  }

  it('and what a person is told of a code that is not sent is in it too', async () => {
    const refused = async (locale?: string): Promise<string> => {
      const body = logtoPayload('+12345', '482917')
      const answer = await fetch(`${server.url}/v1/gateway/logto`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...bearer(server.key) },
        body: JSON.stringify({ ...body, payload: { ...body.payload, locale } }),
      })
      return answer.text()
    }
    assert.match(await refused('id-ID'), /^Ini bukan nomor telepon\..* \(recipient_invalid\)$/)
    assert.match(await refused('pt'), /^Isto não é um número de telefone\./)
    for (const other of ['fr', undefined])
      assert.match(await refused(other), /^Esto no es un número de teléfono\./, "the application's own")
  })

  it('but what is no tag is refused, and an application speaks a language that there is', async () => {
    for (const locale of ['', 'english', 'en US', 'e'])
      assert.equal((await server.call('POST', '/v1/verifications', { to: freshNumber(), locale })).status, 400, locale)
    const path = `/v1/applications/${server.business.application}`
    const refused = await server.call('PATCH', path, { locale: 'fr' })
    assert.deepEqual([refused.status, refused.body.errors?.[0]?.path], [400, 'body/locale'])
    for (const [locale, status] of [
      ['pt_BR', 201],
      ['fr', 400],
    ] as const) {
      const made = await server.call('POST', '/v1/businesses', { name: 'Sprachen', locale }, bearer(operatorKey))
      assert.equal(made.status, status)
    }
  })
})
