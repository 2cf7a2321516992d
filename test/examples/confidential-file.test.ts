import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createShelf } from '../../examples/confidential-file/server.ts'
import { codeOn, freshNumber, startTestServer, type TestServer, wrongCode } from '../server.ts'

describe('the example of a confidential file', () => {
  const reader = freshNumber()
  const reads: string[] = []
  let centang: TestServer
  let shelf: Server
  let url: string
  before(async () => {
    centang = await startTestServer()
    shelf = createShelf({
      files: new Map([
        ['salaries.csv', { content: Buffer.from('name,salary\n'), readers: new Set([reader]) }],
        ['plan b.txt', { content: Buffer.from('there is none'), readers: new Set([reader]) }],
      ]),
      centangUrl: centang.url,
      apiKey: centang.key,
      onRead: ({ file, reader: who }) => reads.push(`${file} ${who}`),
    })
    shelf.listen(0, '127.0.0.1')
    await once(shelf, 'listening')
    url = `http://127.0.0.1:${(shelf.address() as AddressInfo).port}/files`
  })
  after(async () => {
    shelf.close()
    await centang.stop()
  })

  const post = async (path: string, body: object | string) => {
    const answer = await fetch(`${url}/${path}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    return { status: answer.status, body: (await answer.json()) as { ticket: string; link: string } }
  }
  const ask = async (file: string, phone: string) => (await post(`${file}/ask`, { phone })).body.ticket

  it('opens after the code, once, and notes who read it', async () => {
    const ticket = await ask('salaries.csv', reader)
    const code = await codeOn(centang, reader)
    assert.equal((await post('salaries.csv/open', { ticket, code: wrongCode(code) })).status, 403)
    const { status, body } = await post('salaries.csv/open', { ticket, code })
    assert.equal(status, 200)
    const download = await fetch(new URL(body.link, url))
    assert.deepEqual([download.status, await download.text()], [200, 'name,salary\n'])
    assert.equal((await fetch(new URL(body.link, url))).status, 404, 'a link works once')
    assert.deepEqual(reads, [`salaries.csv ${reader}`])
  })

  it('does not open with the code, the ticket or the link of another file', async () => {
    const ticket = await ask('plan%20b.txt', reader)
    const code = await codeOn(centang, reader, 2)
    const other = await ask('salaries.csv', reader)
    await codeOn(centang, reader, 3)
    assert.equal((await post('salaries.csv/open', { ticket, code })).status, 403)
    assert.equal((await post('salaries.csv/open', { ticket: other, code })).status, 403)
    const { body } = await post('plan%20b.txt/open', { ticket, code })
    const moved = body.link.replace('plan%20b.txt', 'salaries.csv')
    assert.equal((await fetch(new URL(moved, url))).status, 404)
  })

  it('sends nothing to a stranger, and does not tell them so', async () => {
    const stranger = freshNumber()
    const known = await post('salaries.csv/ask', { phone: freshNumber() })
    const asked = await post('salaries.csv/ask', { phone: stranger })
    assert.deepEqual([asked.status, Object.keys(asked.body)], [known.status, Object.keys(known.body)])
    assert.equal((await post('salaries.csv/open', { ticket: asked.body.ticket, code: '123456' })).status, 403)
    // Longer than a message takes to a reader.
    await sleep(300)
    const { body } = await centang.simulate('GET', `/handsets/${stranger}/messages`)
    assert.equal(body.messages.length, 0)
  })

  it('refuses what it does not understand', async () => {
    for (const body of ['', '{', 'null', 'x'.repeat(20_000)])
      assert.equal((await post('salaries.csv/ask', body)).status, 400)
    assert.equal((await post('salaries.csv/steal', {})).status, 403)
    assert.equal((await fetch(`${url}/%ff/x`)).status, 400)
  })
})
