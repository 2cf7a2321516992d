import { WhatsAppClient } from '@kapso/whatsapp-cloud-api'
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { WhatsAppAPI } from 'whatsapp-api-js'
import { Template } from 'whatsapp-api-js/messages'
import { eventually, loginCode, receiveNews, type Running, runSimulator } from '../testing.ts'

/** Clients that we did not write: what they can't do with the simulator, they could not do with WhatsApp either. */
describe('third-party clients', () => {
  let running: Running
  let hook: Awaited<ReturnType<typeof receiveNews>>
  let facts: any
  before(async () => {
    running = await runSimulator()
    facts = (await running.call('GET', '/meta')).body
    hook = await receiveNews(facts.verify_token)
    const graph = `/meta/v24.0/${facts.waba_id}`
    const headers = { authorization: `Bearer ${facts.access_token}` }
    for (const language of ['en_US', 'id'])
      assert.equal((await running.call('POST', `${graph}/message_templates`, loginCode(language), headers)).status, 200)
    const subscribed = await running.call(
      'POST',
      `${graph}/subscribed_apps`,
      { override_callback_uri: hook.url, verify_token: facts.verify_token },
      headers,
    )
    assert.deepEqual(subscribed.body, { success: true })
  })
  after(async () => {
    await running.stop()
    await hook.stop()
  })

  it('@kapso/whatsapp-cloud-api sends an authentication template and lists templates', async () => {
    const client = new WhatsAppClient({
      accessToken: facts.access_token,
      baseUrl: `${running.url}/meta`,
      graphVersion: 'v24.0',
    })
    const answer = await client.messages.sendTemplate({
      phoneNumberId: facts.phone_number_id,
      to: '+6281234567890',
      template: {
        name: 'login_code',
        language: { code: 'id' },
        components: [
          { type: 'body', parameters: [{ type: 'text', text: '483920' }] },
          { type: 'button', subType: 'url', index: '0', parameters: [{ type: 'text', text: '483920' }] },
        ],
      },
    })
    assert.match(answer.messages[0]?.id ?? '', /^wamid\./)
    const { body } = await eventually(async () => {
      const inbox = await running.call('GET', '/handsets/6281234567890/messages')
      return inbox.body.messages.length > 0 && inbox
    })
    assert.equal(body.messages[0].code, '483920')
    assert.equal(body.messages[0].text, '483920 adalah kode verifikasi Anda. Demi keamanan, jangan bagikan kode ini.')
    assert.equal(body.messages[0].footer, 'Kode ini kedaluwarsa dalam 5 menit.')
    const listed = await client.templates.list({ businessAccountId: facts.waba_id })
    assert.equal(listed.data.length, 2)
  })

  it('@kapso/whatsapp-cloud-api understands a refusal', async () => {
    const client = new WhatsAppClient({
      accessToken: facts.access_token,
      baseUrl: `${running.url}/meta`,
      graphVersion: 'v24.0',
    })
    const wrong = { name: 'nothing', language: { code: 'id' }, components: [] }
    await assert.rejects(
      client.messages.sendTemplate({
        phoneNumberId: facts.phone_number_id,
        to: '+6281234567890',
        template: wrong,
      }),
      (error: any) => {
        assert.equal(error.code, 132001)
        assert.equal(error.httpStatus, 404)
        return true
      },
    )
  })

  it('whatsapp-api-js sends an OTP template, and accepts the signed webhooks that follow', async () => {
    const client = new WhatsAppAPI({
      token: facts.access_token,
      appSecret: facts.app_secret,
      webhookVerifyToken: facts.verify_token,
      v: 'v24.0',
      // Its base URL is fixed; everything else of it is as it was published.
      ponyfill: {
        fetch: (url, options) =>
          fetch(String(url).replace('https://graph.facebook.com', `${running.url}/meta`), options),
      },
    })
    hook.posted.length = 0
    const answer = (await client.sendMessage(
      facts.phone_number_id,
      '+5511987654321',
      Template.OTP('login_code', 'en_US', '908172'),
      undefined,
      'our-reference',
    )) as any
    const id = answer.messages[0].id
    const heard: string[] = []
    client.on.status = (news) => {
      if (news.id !== id) return
      heard.push(`${news.status} ${news.biz_opaque_callback_data}`)
      assert.equal(news.phone, '5511987654321')
    }
    await eventually(() => hook.posted.filter(({ raw }) => raw.includes('our-reference')).length >= 2)
    for (const { body, raw, signature } of hook.posted) await client.post(body, raw, signature)
    assert.deepEqual(heard, ['sent our-reference', 'delivered our-reference'])
    const [first] = hook.posted
    await assert.rejects(
      client.post(first?.body, `${first?.raw} `, first?.signature ?? ''),
      'a changed byte is noticed by it too',
    )
  })

  it('whatsapp-api-js reads the button of somebody who did not ask for a code', async () => {
    const client = new WhatsAppAPI({ token: facts.access_token, appSecret: facts.app_secret, v: 'v24.0' })
    hook.posted.length = 0
    const { body } = await running.call('GET', '/handsets/5511987654321/messages')
    await running.call('POST', `/handsets/5511987654321/messages/${body.messages[0].id}/press`, {
      button: 'not_requested',
    })
    const posted = await eventually(() => hook.posted.find((one) => one.body.entry[0].changes[0].value.messages))
    let payload
    client.on.message = ({ message }) => {
      payload = (message as any).button.payload
    }
    await client.post(posted.body, posted.raw, posted.signature)
    assert.equal(payload, 'DID_NOT_REQUEST_CODE')
  })
})
