import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { spellId } from '#core/access/id.ts'
import type { Sender } from '#core/messaging/channel.ts'
import { createProviderHttp, type ProviderHttp } from '#channels/http.ts'
import { startTestServer, type TestServer } from '../../../test/server.ts'
import { whatsappCloudApi } from './cloud-api.ts'
import { examineWhatsApp, type Finding } from './doctor.ts'
import type { GraphCall } from './template.ts'

/** Against the simulated account, broken in one way after another. */
describe('the doctor', () => {
  let server: TestServer
  let http: ProviderHttp
  let sender: Sender
  before(async () => {
    server = await startTestServer()
    http = createProviderHttp({ allowedHosts: [], simulatorOrigin: () => server.url })
    const facts = (await server.simulate('GET', '/meta')).body
    const [row] = await server.database.query<{ id: string; config: Record<string, unknown> }>(
      `select id, config from sender where provider = 'whatsapp-cloud-api'`,
    )
    const { access_token, app_secret, verify_token } = facts
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

  const examine = (
    changes: Partial<Sender> = {},
    webhookUrl = `${server.url}/webhooks/${spellId('sender', sender.id)}`,
  ): Promise<Finding[]> => {
    const patient = { ...sender, ...changes }
    const call: GraphCall = (wanted) => http.exchange(whatsappCloudApi, wanted, patient)
    return examineWhatsApp(patient, call, { webhookUrl, expiresInSeconds: 300, now: new Date() })
  }
  const problems = (findings: readonly Finding[]) => findings.filter(({ state }) => state === 'problem')

  it('finds nothing wrong with a good set-up', async () => {
    const findings = await examine()
    assert.deepEqual(
      findings.filter(({ state }) => state !== 'ok'),
      [],
    )
    assert.deepEqual(
      [...new Set(findings.map(({ check }) => check))],
      ['access token', 'number', 'template', 'webhook'],
    )
  })

  it('sees each fault and says how to mend it', async () => {
    const config = sender.config
    const account = (server.app.simulator as NonNullable<typeof server.app.simulator>).world.account
    const sick: [string, RegExp, () => Promise<Finding[]>][] = [
      [
        'access token',
        /does not accept/,
        () => examine({ secrets: { ...sender.secrets, access_token: 'EAAwrong-token' } }),
      ],
      ['number', /does not show a number/, () => examine({ config: { ...config, phone_number_id: '99999' } })],
      ['template', /There is no template/, () => examine({ config: { ...config, template_name: 'other' } })],
      ['template', /does not exist in fr/, () => examine({ config: { ...config, template_languages: ['id', 'fr'] } })],
      ['webhook', /this server listens at/, () => examine({}, 'https://elsewhere.example/webhooks/x')],
      [
        'number',
        /DISCONNECTED/,
        async () => {
          account.numberStatus = 'DISCONNECTED'
          return examine().finally(() => (account.numberStatus = 'CONNECTED'))
        },
      ],
      [
        'template',
        /PAUSED/,
        async () => {
          await server.simulate('PUT', '/templates/login_code_5m', { status: 'PAUSED' })
          return examine().finally(() => server.simulate('PUT', '/templates/login_code_5m', { status: 'APPROVED' }))
        },
      ],
      [
        'webhook',
        /No app is subscribed/,
        async () => {
          account.isSubscribed = false
          return examine().finally(() => (account.isSubscribed = true))
        },
      ],
    ]
    for (const [check, detail, look] of sick) {
      const found = problems(await look())
      const finding = found.find((one) => one.check === check && detail.test(one.detail))
      assert.ok(finding, `${check} ${detail}: ${JSON.stringify(found)}`)
      assert.ok((finding.mend ?? '').length > 10)
    }
  })

  it('warns of a template that outlives its code', async () => {
    const findings = await examine({
      config: { ...sender.config, template_minutes: undefined, template_name: 'login_code_10m' },
    })
    assert.ok(findings.some(({ state, detail }) => state === 'warning' && /after its code has expired/.test(detail)))
  })
})
