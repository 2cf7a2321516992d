import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import { bearer, eventually, freshNumber } from '../kit/api.ts'
import { ofMessages, textFrom, toldSender } from './callback-kit.ts'
import { startTestServer } from '../kit/server.ts'

describe('alerts of senders, outside', () => {
  it('are written by a running server, of answers and of webhooks', async () => {
    const metricsToken = 'metrics-token-of-the-test'
    const server = await startTestServer({ CENTANG_METRICS_TOKEN: metricsToken })
    const alerts = () => server.logged.filter((line) => line.includes('fail until somebody acts'))
    try {
      await server.simulate('PUT', '/templates/login_code_5m', { status: 'PAUSED' })
      for (let count = 0; count < 2; count++) {
        const { body } = await server.call('POST', '/v1/verifications', { to: freshNumber() })
        await eventually(async () => {
          const { body: after } = await server.call('GET', `/v1/verifications/${body.id}`)
          return after.deliveries.length > 1
        })
      }
      const [line, ...rest] = alerts().map((text) => JSON.parse(text))
      assert.partialDeepStrictEqual(line, { level: 'error', reason: 'template_unavailable', providerCode: '132015' })
      assert.deepEqual(rest, [])

      const facts = (await server.simulate('GET', '/meta')).body
      const value = { errors: [{ code: 131031, title: 'Account has been locked' }] }
      const body = JSON.stringify({ entry: [{ changes: [{ field: 'messages', value }] }] })
      const signature = createHmac('sha256', facts.app_secret).update(body).digest('hex')
      const told = await fetch(`${server.url}/webhooks/${line.sender}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
        body,
      })
      assert.equal(told.status, 200)
      assert.deepEqual(
        alerts().map((text) => JSON.parse(text).providerCode),
        ['132015', '131031'],
      )
      // A chat that names a template which is not there needs somebody to act as well.
      const template = { name: 'nowhere', language: 'id' }
      await server.call('POST', '/v1/messages', { to: freshNumber(), template })
      assert.partialDeepStrictEqual(JSON.parse(alerts()[2] ?? '{}'), {
        reason: 'template_unavailable',
        providerCode: '132001',
      })
      const metrics = await (await fetch(`${server.url}/metrics`, { headers: bearer(metricsToken) })).text()
      assert.match(metrics, /centang_sender_alerts_total\{[^}]*reason="template_unavailable"\} 3/)
    } finally {
      await server.stop()
    }
  })

  it('tell of what a fault of the server keeps out; its neighbours are kept, and it is once that is mended', async () => {
    const metricsToken = 'metrics-token-of-the-test'
    const server = await startTestServer({ CENTANG_METRICS_TOKEN: metricsToken })
    try {
      const sender = await toldSender(server)
      await server.database.query(
        `create function stumble() returns trigger language plpgsql as $$ begin raise 'a fault of ours'; end $$;
        create trigger stumble before insert on message for each row
          when (new.provider_message_id = 'wamid.poison') execute function stumble()`,
      )
      const from = freshNumber()
      const changes = [
        ofMessages({ messages: ['wamid.1', 'wamid.poison', 'wamid.2'].map((id) => textFrom(from, id, id)) }),
      ]
      const kept = async () => {
        const { body } = await server.call('GET', `/v1/messages?contact=${encodeURIComponent(from)}`)
        return body.data.map(({ text }: { text: string }) => text).toSorted()
      }
      for (let time = 0; time < 2; time++) {
        const { status, body } = await sender.post(changes)
        assert.deepEqual([status, body.code], [503, 'news_not_kept'])
        assert.deepEqual(await kept(), ['wamid.1', 'wamid.2'])
      }
      const [line] = server.logged.filter((text) => text.includes('a fault of the server keeps out'))
      assert.partialDeepStrictEqual(JSON.parse(line ?? '{}'), { level: 'error', items: 1, item: 'message' })
      const metrics = await (await fetch(`${server.url}/metrics`, { headers: bearer(metricsToken) })).text()
      assert.match(metrics, /centang_news_failures_total\{[^}]*item="message",what="fault"\} 2/)
      await server.database.query('drop function stumble cascade')
      assert.equal((await sender.post(changes)).status, 200)
      assert.deepEqual(await kept(), ['wamid.1', 'wamid.2', 'wamid.poison'])
    } finally {
      await server.stop()
    }
  })
})
