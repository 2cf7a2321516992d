import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { Database } from '#platform/database/database.ts'
import { Keyring } from '#platform/keys/keyring.ts'
import { WebhookEndpointStore } from '#webhooks/store/webhook-endpoints.ts'
import { rotateWebhookSecrets } from '#webhooks/store/webhook-secrets.ts'
import { WebhookStore } from '#webhooks/store/webhooks.ts'
import { eventually } from '../kit/api.ts'
import { startBench } from './dispatcher.ts'
import { accepts, startReceiver } from './receiver.ts'

describe('the secrets of webhook endpoints', () => {
  it('move to another master key, and without it nothing is sent', async () => {
    const receiver = await startReceiver()
    const bench = await startBench([receiver.host])
    const opened = new Database({
      connectionString: bench.database.url,
      statementTimeoutMs: 5000,
      lockTimeoutMs: 2000,
      poolSize: 2,
    })
    const [old, fresh] = [randomBytes(32), randomBytes(32)]
    const under = (keys: readonly (readonly [number, Buffer])[]) => {
      const keyring = new Keyring(new Map(keys))
      return {
        endpoints: new WebhookEndpointStore(opened, keyring, bench.formats),
        store: new WebhookStore(opened, keyring, bench.formats),
        rotate: () => rotateWebhookSecrets(opened, keyring),
      }
    }
    const owner = { businessId: '0190a000-0000-7000-8000-000000000001', live: true }
    const made = await under([[1, old]]).endpoints.create(
      owner,
      { format: 'standard', url: receiver.url, events: ['verification.*'] },
      bench.now(),
    )
    const onlyNew = under([[2, fresh]])
    await bench.tell()
    const blind = bench.serve({ store: onlyNew.store })
    await eventually(async () => (await bench.rows())[0]?.problem === 'secret_unreadable')
    assert.equal(receiver.received.length, 0)
    await blind.stop()
    assert.deepEqual(await onlyNew.rotate(), { moved: 0, unreadable: 1 })
    const both = under([
      [2, fresh],
      [1, old],
    ])
    assert.deepEqual(await both.rotate(), { moved: 1, unreadable: 0 })
    assert.deepEqual(await both.rotate(), { moved: 0, unreadable: 0 })
    bench.pass(6)
    const seeing = bench.serve({ store: onlyNew.store })
    const [received] = await eventually(async () => receiver.received.length === 1 && receiver.received)
    await seeing.stop()
    assert.ok(received && accepts(made.secret, received))
    await opened.close()
    await bench.close()
    await receiver.close()
  })
})
