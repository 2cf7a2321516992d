import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Sender } from '#messaging/core/sender.ts'
import type { Database } from '#platform/database/database.ts'
import type { Keyring } from '#platform/keys/keyring.ts'
import { CachedSenderStore } from './cached-senders.ts'
import { type KeptSender, SenderStore } from './senders.ts'

const sender = { id: 's' } as KeptSender

describe('what is remembered of senders', () => {
  it('forgets a sender after it was disabled, in every list, and not before', async (t) => {
    let isDisabled = false
    const senders = new CachedSenderStore(
      { of: () => undefined } as unknown as Database,
      {} as Keyring,
      () => undefined,
    )
    t.mock.method(senders, 'listUsable', async (): Promise<Sender[]> => (isDisabled ? [] : [sender]))
    t.mock.method(senders, 'findUsable', async (): Promise<Sender> =>
      isDisabled ? { ...sender, config: { isDisabled } } : sender,
    )
    let isReadWhileWriting = false
    t.mock.method(SenderStore.prototype, 'disable', async () => {
      // Somebody reads between the decision and the commit.
      await Promise.all([senders.usableBy('other'), senders.usableBy('own'), senders.usable('s')])
      isReadWhileWriting = true
      isDisabled = true
      return true
    })
    assert.equal((await senders.usableBy('other')).length, 1)
    await senders.disable('own', 's', new Date())
    assert.ok(isReadWhileWriting)
    for (const business of ['own', 'other']) assert.deepEqual(await senders.usableBy(business), [])
    assert.deepEqual((await senders.usable('s'))?.config, { isDisabled: true })
  })
})
