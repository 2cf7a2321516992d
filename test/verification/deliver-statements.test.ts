import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { ReceiptStatus } from '#messaging/core/news.ts'
import { applyReceipt, deliveryRank } from '#messaging/core/receipt.ts'
import type { ReceiptRow, StartRow } from '#verification/core/engine.ts'
import { policyDefaults } from '#access/core/policy.ts'
import type { DeliveryStatus } from '#platform/core/delivery-status.ts'
import { resendAfter, sendsRemaining } from '#verification/core/verification.ts'
import { applyNews, catchUp } from '#verification/flows/apply-receipts.ts'
import type { Outside } from '#verification/flows/outside.ts'
import { spellReference } from '#messaging/core/reference.ts'
import { createEngine, type PostgresEngine } from '#verification/store/engine.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import { Database } from '#platform/database/database.ts'
import { VerificationStore } from '#verification/store/verifications.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { plainPeople, startRow } from './start-row.ts'
import { seed } from '../kit/exploration.ts'
import { whileHeld } from '../kit/while-held.ts'

const start = Date.parse('2026-11-24T00:00:00Z')
const [businessId, otherId, senderId] = [uuidv7(start), uuidv7(start), uuidv7(start)]

describe(`the statements around a sending (seed ${seed})`, () => {
  let database: TestDatabase
  let engine: PostgresEngine
  let store: Database
  let now = start
  const settings = { statementTimeoutMs: 5000, lockTimeoutMs: 2000 }
  before(async () => {
    database = await freshDatabase()
    const connectionString = database.url
    engine = createEngine({ ...settings, connectionString, laneCount: 2, bindRequests: true, now: () => new Date(now) })
    store = new Database({ ...settings, connectionString, poolSize: 2 })
    for (const id of [businessId, otherId])
      await database.query('insert into business values ($1, $2, now())', [id, 'x'])
  })
  after(async () => {
    await engine.close()
    await store.close()
    await database.drop()
  })

  let people = 0
  /** A verification with one delivery that is being sent. */
  async function sending(business = businessId): Promise<StartRow> {
    const row = startRow(`+1${people++}`, new Date(now), {
      businessId: business,
      applicationId: business,
      expiresAt: new Date(now + 600_000),
      workflow: [{ channel: 'sms', waitSeconds: 60, senderId }],
      senderId,
    })
    await engine.start(row)
    await engine.claim({ businessId: business, id: row.deliveryId })
    return row
  }
  const receipt = (row: StartRow, status: ReceiptStatus, changes: Partial<ReceiptRow> = {}): ReceiptRow => ({
    senderId,
    businessId: row.businessId,
    deliveryId: row.deliveryId,
    providerMessageId: `m-${row.deliveryId}`,
    status,
    at: new Date(now),
    ...(status === 'failed' && { failureReason: 'unspecified' }),
    fallback: true,
    raw: {},
    ...changes,
  })
  const read = async ({ deliveryId }: { deliveryId: string }) =>
    (await database.query<any>('select * from delivery where id = $1', [deliveryId]))[0]

  it('raise a delivery as the rule of receipts does, by answers and receipts in any order', async () => {
    const told = fc.array(
      fc.record({
        by: fc.constantFrom('answer', 'receipt'),
        status: fc.constantFrom<DeliveryStatus>('unknown', 'sent', 'failed', 'delivered', 'read'),
      }),
      { minLength: 1, maxLength: 7 },
    )
    await fc.assert(
      fc.asyncProperty(told, async (news) => {
        const row = await sending()
        let expected: DeliveryStatus = 'sending'
        for (const { by, status } of news) {
          const why = status === 'failed' ? ({ failureReason: 'held', providerCode: '1', detail: 'why' } as const) : {}
          if (status === 'unknown' || (by === 'answer' && (status === 'sent' || status === 'failed')))
            await engine.recordSend({ businessId, id: row.deliveryId, status, ...why })
          else await engine.applyReceipt(receipt(row, status as ReceiptStatus, why))
          expected = applyReceipt(expected, status)
          assert.equal((await read(row)).status, expected)
        }
        const { failure_reason: reason, provider_code: code, detail } = await read(row)
        const why = expected === 'failed' ? ['held', '1', 'why'] : [null, null, null]
        assert.deepEqual([reason, code, detail], why, 'what succeeded in the end has no reason for failing')
      }),
      { numRuns: 60, seed },
    )
  })

  it('tell each state once, as it is reached, and never before its cause or after now', async () => {
    const told = fc.array(
      fc.record({
        by: fc.constantFrom('answer', 'receipt'),
        status: fc.constantFrom<ReceiptStatus>('sent', 'failed', 'delivered', 'read'),
        afterMs: fc.nat({ max: 3000 }),
        // The provider tells whole seconds, by a clock that differs.
        agoMs: fc.integer({ min: -2000, max: 4000 }),
      }),
      { minLength: 1, maxLength: 7 },
    )
    await fc.assert(
      fc.asyncProperty(told, async (news) => {
        now += 10_000
        const row = await sending()
        const claimedAt = now
        for (const { by, status, afterMs, agoMs } of news) {
          now += afterMs
          const at = new Date(Math.floor((now - agoMs) / 1000) * 1000)
          if (by === 'answer' && (status === 'sent' || status === 'failed'))
            await engine.recordSend({ businessId, id: row.deliveryId, status, providerMessageId: 'x' })
          else await engine.applyReceipt(receipt(row, status, { at }))
        }
        const events = await database.query<{ status: DeliveryStatus; at: Date }>(
          `select substr(kind, 10) as status, at from event
           where part_id = $1 and kind like 'delivery.%' order by sequence`,
          [row.deliveryId],
        )
        const ranks = events.map(({ status }) => deliveryRank(status))
        assert.deepEqual(
          ranks,
          [...new Set(ranks)].toSorted((a, b) => a - b),
        )
        const times = [claimedAt, ...events.map(({ at }) => at.getTime()), now]
        assert.deepEqual(
          times,
          times.toSorted((a, b) => a - b),
        )
        const { status, sent_at: sentAt, delivered_at: deliveredAt, read_at: readAt } = await read(row)
        assert.equal(events.at(-1)?.status, status)
        const reached = [sentAt, deliveredAt, readAt].filter(Boolean).map((at: Date) => at.getTime())
        assert.deepEqual(
          reached,
          reached.toSorted((a: number, b: number) => a - b),
        )
      }),
      { numRuns: 60, seed },
    )
  })

  it('keep an answer for which a receipt of the same moment has changed the row', async () => {
    const row = await sending()
    const recorded = await whileHeld(
      database,
      `update delivery set status = 'sent', sent_at = $2 where id = $1`,
      [row.deliveryId, new Date(now)],
      () => engine.recordSend({ businessId, id: row.deliveryId, status: 'sent', providerMessageId: 'of the answer' }),
    )
    assert.equal(recorded.status, 'sent')
    assert.equal((await read(row)).provider_message_id, 'of the answer')
    const events = await database.query('select from event where part_id = $1 and kind = $2', [
      row.deliveryId,
      'delivery.sent',
    ])
    assert.equal(events.length, 0, 'whoever raised it has told so')
  })

  it('let a start and a move claim the message they send, and nobody else may', async () => {
    const row = startRow(`+1${people++}`, new Date(now), {
      businessId,
      applicationId: businessId,
      senderId,
      atOnce: true,
    })
    await engine.start(row)
    const isUnderWay = async (id: string) => {
      assert.partialDeepStrictEqual(await read({ deliveryId: id }), { status: 'sending', claimed_at: new Date(now) })
      assert.equal(await engine.claim({ businessId, id }), undefined)
    }
    await isUnderWay(row.deliveryId)
    const deliveryId = uuidv7(now)
    const { dueAt, workflow } = row
    const sends = { reason: 'x', stepIndex: 0, workflow, dueAt, channel: 'sms', senderId, sendCountMax: 5 } as const
    const moved = await engine.move({
      businessId,
      id: row.id,
      revision: 0,
      isAsked: false,
      move: { kind: 'send', ...sends, deliveryId, atOnce: true },
    })
    assert.partialDeepStrictEqual(moved, { outcome: 'moved', code: { keyVersion: 1, codeLength: 6 } })
    await isUnderWay(deliveryId)
  })

  it('send nothing by a move that comes after the end of the code', async () => {
    const row = await sending()
    const { expiresAt: dueAt, workflow } = row
    const sends = { reason: 'x', stepIndex: 0, workflow, dueAt, channel: 'sms', senderId, sendCountMax: 5 } as const
    for (const atOnce of [true, false]) {
      const deliveryId = uuidv7(now)
      const move = { kind: 'send', ...sends, deliveryId, atOnce } as const
      now = dueAt.getTime()
      assert.equal((await engine.move({ businessId, id: row.id, revision: 0, isAsked: false, move })).outcome, 'stale')
      assert.equal(await read({ deliveryId }), undefined)
    }
  })

  it('allow a move to send when the rules in core do', async () => {
    const ages = fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(ages, fc.boolean(), async (ages, mustWait) => {
        const row = await sending()
        const sentAt = ages.toSorted((a, b) => b - a).map((age) => new Date(now - age * 1000))
        await database.query('update recipient set sent_at = $2 where person = $1', [row.recipient, sentAt])
        const recent = sentAt.filter((at) => at.getTime() > now - 600_000)
        const mayAfter = mustWait ? resendAfter(policyDefaults, recent) : undefined
        const expected =
          sendsRemaining(policyDefaults, recent) === 0
            ? 'send_limit_reached'
            : mayAfter && mayAfter.getTime() > now
              ? 'resend_too_soon'
              : 'moved'
        const { outcome } = await engine.move({
          businessId,
          id: row.id,
          revision: 0,
          isAsked: true,
          move: {
            kind: 'send',
            reason: 'x',
            stepIndex: 0,
            workflow: row.workflow,
            dueAt: row.dueAt,
            deliveryId: uuidv7(now),
            channel: 'sms',
            senderId,
            sendCountMax: policyDefaults.sendCountMax,
            atOnce: false,
            ...(mustWait && { waitsSeconds: policyDefaults.resendWaitsSeconds }),
          },
        })
        assert.equal(outcome, expected)
      }),
      { numRuns: 80, seed },
    )
  })

  it('mark a failure until the workflow has moved on, and mark nothing that went well', async () => {
    // What the tests before left behind is not looked at.
    await database.query('update delivery set unmoved_since = null, send_after = null')
    const [byAnswer, byReceipt, fine] = [await sending(), await sending(), await sending()]
    await engine.recordSend({ businessId, id: byAnswer.deliveryId, status: 'failed', failureReason: 'unspecified' })
    await engine.applyReceipt(receipt(byReceipt, 'failed'))
    await engine.recordSend({ businessId, id: fine.deliveryId, status: 'sent', providerMessageId: 'fine' })
    assert.equal((await read(fine)).unmoved_since, null)
    assert.deepEqual(await engine.claimAbandoned(2, 100), [], 'whoever recorded it has a moment to move on')
    now += 2000
    const found = await engine.claimAbandoned(2, 100)
    assert.deepEqual(
      new Set(found.map((one) => one.needs === 'move' && one.code.id)),
      new Set([byAnswer.id, byReceipt.id]),
    )
    assert.deepEqual(await engine.claimAbandoned(2, 100), [], 'nor does anybody else take it up at once')
    await engine.settleFailure({ businessId, id: byAnswer.deliveryId }, new Date(now - 1))
    assert.notEqual((await read(byAnswer)).unmoved_since, null, 'what failed after the decision stays')
    for (const { deliveryId } of [byAnswer, byReceipt])
      await engine.settleFailure({ businessId, id: deliveryId }, new Date(now))
    now += 10_000
    assert.deepEqual(await engine.claimAbandoned(2, 100), [])
  })

  it('take the failure of a message that was held back for news, once', async () => {
    const row = await sending()
    const held = { businessId, id: row.deliveryId, status: 'failed', failureReason: 'held' } as const
    await engine.recordSend({ ...held, providerMessageId: `m-${row.deliveryId}` })
    assert.equal((await engine.applyReceipt(receipt(row, 'failed'))).outcome, 'failed')
    assert.equal((await engine.applyReceipt(receipt(row, 'failed'))).outcome, 'duplicate')
    assert.equal((await read(row)).failure_reason, 'unspecified')
  })

  it('never tell that a message was sent before it was asked for', async () => {
    const earlier = await sending()
    const asked = new Date(now + 15)
    const later = startRow(`+1${people++}`, asked, { businessId, applicationId: businessId, senderId, atOnce: true })
    await engine.start(later)
    const first = engine.recordSend({ businessId, id: earlier.deliveryId, status: 'sent', providerMessageId: 'a' })
    now = asked.getTime()
    await engine.recordSend({ businessId, id: later.deliveryId, status: 'sent', providerMessageId: 'b' })
    await first
    assert.partialDeepStrictEqual(await read(later), { queued_at: asked, sent_at: asked })
  })

  it('plan nothing any more for a deferral that came after a receipt', async () => {
    const row = await sending()
    await engine.applyReceipt(receipt(row, 'delivered'))
    const sendAfter = new Date(now + 1000)
    await engine.recordSend({ businessId, id: row.deliveryId, status: 'queued', sendAfter })
    assert.partialDeepStrictEqual(await read(row), { status: 'delivered', send_after: null })
  })

  it('tell in an event that the answer of a provider was never written', async () => {
    const row = await sending()
    now += 30_000
    await engine.claimAbandoned(2, 1000)
    assert.equal((await read(row)).status, 'unknown')
    const events = await database.query<{ kind: string }>('select kind from event where part_id = $1', [row.deliveryId])
    assert.ok(events.some(({ kind }) => kind === 'delivery.unknown'))
  })

  it('let a webhook speak only for the business of its sender, unless the sender is shared', async () => {
    const verifications = new VerificationStore(store, plainPeople)
    const outside = {
      engine,
      findCodeOfMessage: verifications.findCodeOfMessage.bind(verifications),
      perform: () => undefined,
    } as unknown as Outside
    const sender = {
      id: senderId,
      businessId,
      live: false,
      channel: 'sms',
      provider: 'x',
      purpose: 'authentication',
      config: {},
      secrets: {},
    } as const
    const others = await sending(otherId)
    const news = (reference?: string, providerMessageId = 'of another') =>
      [
        {
          kind: 'receipt',
          receipt: {
            ...(reference && { reference }),
            providerMessageId,
            status: 'delivered',
            at: new Date(now),
            raw: {},
          },
        },
      ] as const
    const named = spellReference(otherId, others.deliveryId)
    await applyNews(outside, sender, news(named))
    assert.equal((await read(others)).status, 'sending')
    const kept = await database.query<{ business_id: string }>('select business_id from early_receipt')
    assert.deepEqual(new Set(kept.map((one) => one.business_id)), new Set([businessId]))

    const shared = { ...sender, shared: true }
    await applyNews(outside, shared, news(named))
    assert.equal((await read(others)).status, 'delivered')
    // A gateway that echoes no reference: the message id tells, also when the receipt was faster than the answer.
    const [later, early] = [await sending(otherId), await sending(otherId)]
    const of = (one: StartRow) => news(undefined, `m-${one.deliveryId}`)
    assert.deepEqual(await applyNews(outside, shared, of(early)), ['kept'])
    for (const one of [later, early]) {
      const answer = { status: 'sent', providerMessageId: `m-${one.deliveryId}` } as const
      await engine.recordSend({ businessId: otherId, id: one.deliveryId, ...answer })
    }
    await applyNews(outside, shared, of(later))
    await catchUp(outside)
    assert.deepEqual([(await read(later)).status, (await read(early)).status], ['delivered', 'delivered'])
  })
})
