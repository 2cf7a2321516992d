import { messagingIds } from '#messaging/core/ids.ts'
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createProviderHttp, type ProviderHttp } from '#messaging/providers/http.ts'
import { spellId } from '#platform/core/id.ts'
import type { Finding } from '#messaging/core/finding.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'
import { configOf } from '#messaging/providers/whatsapp/cloud-api/config.ts'
import { graphRequest } from '#messaging/providers/whatsapp/cloud-api/graph.ts'
import { provider } from '#messaging/providers/whatsapp/cloud-api/provider.ts'
import { examine } from '#messaging/providers/whatsapp/cloud-api/doctor/examine.ts'

describe('the doctor at the simulated account', () => {
  let server: TestServer
  let http: ProviderHttp
  let sender: Sender
  before(async () => {
    server = await startTestServer()
    http = createProviderHttp({ allowedHosts: [], simulatorOrigin: () => server.url })
    const { access_token, app_secret, verify_token } = (await server.simulate('GET', '/meta')).body
    const [row] = await server.database.query<{ id: string; config: Record<string, unknown> }>(
      `select id, config from sender where provider = 'whatsapp-cloud-api'`,
    )
    sender = {
      id: row?.id as string,
      businessId: '0190a000-0000-7000-8000-000000000001',
      live: false,
      channel: 'whatsapp',
      provider: 'whatsapp-cloud-api',
      purpose: 'authentication',
      config: row?.config as Record<string, unknown>,
      secrets: { access_token, app_secret, verify_token },
    }
  })
  after(async () => {
    await http.close()
    await server.stop()
  })

  const look = (changes: Partial<Sender> = {}): Promise<Finding[]> => {
    const one = { ...sender, ...changes }
    return examine(one, {
      call: (wanted) => http.exchange(provider, wanted, one),
      webhookUrl: `${server.url}/webhooks/${spellId(messagingIds.sender, sender.id)}`,
      ask: async (url) => {
        const answer = await fetch(url)
        return { status: answer.status, body: await answer.text() }
      },
      expiresInSeconds: 300,
      now: new Date(),
    })
  }

  it('finds nothing wrong with what the server set up', async () => {
    const findings = await look()
    assert.deepEqual(
      findings.filter(({ state }) => state !== 'ok'),
      [],
    )
    assert.ok(findings.some(({ check }) => check === 'handshake'))
  })

  it('sees a wrong token, a wrong secret and a paused template', async () => {
    const problemsOf = async (changes: Partial<Sender> = {}) =>
      (await look(changes)).filter(({ state }) => state === 'problem').map(({ check }) => check)
    const { secrets } = sender
    assert.deepEqual(await problemsOf({ secrets: { ...secrets, access_token: 'EAAwrong-token' } }), ['access token'])
    assert.deepEqual(await problemsOf({ secrets: { ...secrets, app_secret: 'wrong' } }), ['app secret'])
    await server.simulate('PUT', '/templates/login_code_5m', { status: 'PAUSED' })
    assert.deepEqual([...new Set(await problemsOf())], ['template'])
  })

  it('finds there the templates that fill the code into the app of the demo', async () => {
    const { waba_id: waba } = configOf(sender)
    const wanted = graphRequest(sender, 'GET', `${waba}/message_templates?name=login_code_5m&language=id`)
    const { body } = await http.exchange(provider, wanted, sender)
    assert.match(body, /otp_type=ONE_TAP[^"]*package_name=id\.demobank\.app&signature_hash=K8a/)
  })
})
