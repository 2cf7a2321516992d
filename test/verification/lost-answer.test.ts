import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { Application } from '#access/core/business.ts'
import { policyDefaults } from '#access/core/policy.ts'
import { letAllLeave } from '#messaging/core/may-leave.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { letAllCheck } from '#verification/core/may-check.ts'
import type { Channel } from '#platform/core/channel.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import { Keyring } from '#platform/keys/keyring.ts'
import { createFlows, type Flows } from '#verification/flows/flows.ts'
import { createEngine, type PostgresEngine } from '#verification/store/engine.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { eventually } from '../kit/api.ts'
import { businessId, plainPeople } from './start-row.ts'

const began = Date.parse('2026-11-24T00:00:00Z')
const caller = { businessId, applicationId: businessId, live: false, keyId: '' }
const senderOf = (channel: Channel): Sender => ({
  id: uuidv7(began),
  businessId,
  live: false,
  channel,
  provider: 'x',
  purpose: 'authentication',
  config: {},
  secrets: {},
})
const senders = [senderOf('sms'), senderOf('voice')]

/** The flows and the engine as a server has them; the answer of a statement is lost after its commit when it is told to. */
describe('a decision whose answer the database wrote and could not tell', () => {
  let database: TestDatabase
  let engine: PostgresEngine
  let flows: Flows
  let now = began
  let isLost = false
  const sent: string[] = []

  before(async () => {
    database = await freshDatabase()
    await database.query('insert into business values ($1, $2, now())', [businessId, 'x'])
    const settings = { statementTimeoutMs: 5000, lockTimeoutMs: 2000, laneCount: 2, bindRequests: true }
    engine = createEngine({ ...settings, connectionString: database.url, now: () => new Date(now) })
    const losing =
      <Row, Answer>(statement: (row: Row) => Promise<Answer>) =>
      async (row: Row): Promise<Answer> => {
        const answer = await statement(row)
        if (isLost) throw new Error('Connection terminated unexpectedly')
        return answer
      }
    const workflow = senders.map(({ channel }) => ({ channel, waitSeconds: 60 }))
    const application = { businessId, id: businessId, brand: 'x', locale: 'en', policy: policyDefaults, workflow }
    flows = createFlows(
      {
        engine: { ...engine, start: losing((row) => engine.start(row)), move: losing((row) => engine.move(row)) },
        keys: new Keyring(new Map([[1, randomBytes(32)]])),
        people: plainPeople,
        now: () => new Date(now),
        newId: () => uuidv7(now),
        findCodeOfMessage: async () => undefined,
        hasProven: () => Promise.resolve(false),
        mayLeave: letAllLeave,
        mayCheck: letAllCheck,
        findApplication: async () => application as unknown as Application,
        listSenders: async () => senders,
        send: async ({ to, reference }, { channel }) => {
          sent.push(`${channel} to ${to}`)
          return { outcome: 'accepted', providerMessageId: reference }
        },
      },
      (error) => assert.fail(String(error)),
    )
  })
  after(async () => {
    await flows.drain()
    await engine.close()
    await database.drop()
  })

  const start = (recipient: string, key?: string) =>
    flows.start(caller, {
      recipient,
      purpose: 'login',
      ...(key !== undefined && { idempotency: { key, fingerprint: Buffer.from(key) } }),
    })
  const deliveriesTo = async (recipient: string) =>
    database.query<{ code_id: string; status: string; channel: string }>(
      `select d.code_id, d.status, d.channel from delivery d join verification v on v.id = d.code_id
       where v.recipient = $1 order by d.id`,
      [recipient],
    )
  const statusesTo = async (recipient: string) =>
    (await deliveriesTo(recipient)).map(({ channel, status }) => `${channel} ${status}`)
  const sentTo = (recipient: string) => sent.filter((one) => one.endsWith(recipient))
  /** What every server's sweep does every second. */
  const sweep = () => engine.claimAbandoned(2, 100)
  async function losing(run: () => Promise<unknown>): Promise<void> {
    isLost = true
    try {
      await assert.rejects(run(), /Connection terminated/)
    } finally {
      isLost = false
    }
  }

  it('leaves a message that nobody sends and that is unknown after half a minute; time moves the workflow on', async () => {
    const to = '+6281200000001'
    await losing(() => start(to))
    assert.deepEqual(await statusesTo(to), ['sms sending'])
    now += 29_999
    assert.deepEqual([await sweep(), await statusesTo(to)], [[], ['sms sending']])
    now += 1
    assert.deepEqual([await sweep(), await statusesTo(to)], [[], ['sms unknown']])
    now += 30_000
    const [{ code_id: id } = { code_id: '' }] = await deliveriesTo(to)
    await flows.move({ businessId, id }, { kind: 'due' })
    await eventually(async () => (await statusesTo(to))[1] === 'voice sent')
    assert.deepEqual([await sweep(), sentTo(to)], [[], [`voice to ${to}`]])
  })

  it('of a start that is repeated is the one of the first: at once nothing is sent, after the wait once', async () => {
    const to = '+6281200000002'
    await losing(() => start(to, 'k'))
    const [repeated, again] = [await start(to, 'k'), await start(to)]
    assert.notEqual(repeated.verification.id, again.verification.id, 'a start of its own')
    assert.equal(repeated.verification.codeId, again.verification.codeId)
    assert.deepEqual(sentTo(to), [])
    now += 30_000
    const third = await start(to)
    assert.equal(third.verification.codeId, again.verification.codeId)
    await eventually(async () => (await statusesTo(to))[1] === 'sms sent')
    await sweep()
    assert.deepEqual([await statusesTo(to), sentTo(to)], [['sms unknown', 'sms sent'], [`sms to ${to}`]])
  })

  it('that moved a verification on leaves the same, and a server that stops does not wait for it', async () => {
    const to = '+6281200000003'
    const { verification } = await start(to)
    await eventually(async () => (await statusesTo(to))[0] === 'sms sent')
    now += 1000
    await losing(() => flows.move(verification, { kind: 'next' }))
    await flows.drain()
    now += 30_000
    await sweep()
    assert.deepEqual([await statusesTo(to), sentTo(to)], [['sms sent', 'voice unknown'], [`sms to ${to}`]])
  })
})
