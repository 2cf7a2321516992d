import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatApiKey } from '#access/core/api-key.ts'
import type { Gateway } from '#gateways/core/gateway.ts'
import type { Sender } from '#messaging/core/channel.ts'
import type { BusinessStore } from './businesses.ts'
import type { GatewayStore } from '#gateways/store/gateways.ts'
import type { SenderStore } from '#messaging/store/senders.ts'
import { cachedGateways, createCaches, forgettingSenders } from './caches.ts'

/** Stores with only what the caches call. */
const businessesWith = (methods: Partial<BusinessStore>): BusinessStore => methods as BusinessStore
const sendersWith = (methods: Partial<SenderStore>): SenderStore => methods as SenderStore

describe('what is cached', () => {
  it('asks nobody about a key that was never made, and asks about the one that was given', async () => {
    const asked: string[] = []
    const businesses = businessesWith({
      findCaller: async (key: string) => {
        asked.push(key)
        return undefined
      },
    })
    const { callers } = createCaches(businesses, sendersWith({}), 'ck_test_chosen_by_hand')
    const made = formatApiKey(false, 'a'.repeat(43))
    for (const key of ['ck_test_invented00', `${made}x`, made.replace('aa', 'ab')])
      assert.equal(await callers.get(key), undefined)
    assert.deepEqual(asked, [])
    await callers.get(made)
    await callers.get('ck_test_chosen_by_hand')
    assert.deepEqual(asked, [made, 'ck_test_chosen_by_hand'])
  })

  it('forgets a sender after it was disabled, in every list, and not before', async () => {
    let isDisabled = false
    const sender = { id: 's' } as Sender
    let readWhileWriting: Promise<unknown> | undefined
    const senders = sendersWith({
      listUsable: async () => (isDisabled ? [] : [sender]),
      findUsable: async () => (isDisabled ? { ...sender, config: { isDisabled } } : sender),
      disable: async () => {
        // Somebody reads between the decision and the commit.
        readWhileWriting = Promise.all([caches.senders.get('other'), caches.senders.get('own'), caches.sender.get('s')])
        await readWhileWriting
        isDisabled = true
        return true
      },
    })
    const caches = createCaches(businessesWith({}), senders, undefined)
    assert.equal((await caches.senders.get('other')).length, 1)
    await forgettingSenders(senders, caches).disable('own', 's', new Date())
    assert.ok(readWhileWriting)
    for (const business of ['own', 'other']) assert.deepEqual(await caches.senders.get(business), [])
    assert.deepEqual((await caches.sender.get('s'))?.config, { isDisabled: true })
  })

  it('asks once for a gateway, and never finds one that it removed', async () => {
    let asked = 0
    let isThere = true
    const gateways = cachedGateways({
      find: async (id: string) => {
        asked++
        return isThere ? ({ id } as Gateway) : undefined
      },
      remove: async () => {
        // A call that comes between the decision and the commit.
        await gateways.find('g')
        isThere = false
        return true
      },
    } as unknown as GatewayStore)
    for (let count = 0; count < 3; count++) assert.equal((await gateways.find('g'))?.id, 'g')
    assert.equal(asked, 1)
    await gateways.remove('b', false, 'g')
    assert.equal(await gateways.find('g'), undefined)
    assert.equal(asked, 2)
  })

  it('asks again for a gateway whose secret could not be read', async () => {
    let isReadable = false
    const gateways = cachedGateways({
      find: async (id: string) => {
        if (!isReadable) throw new Error('sealed under another key')
        return { id } as Gateway
      },
    } as unknown as GatewayStore)
    await assert.rejects(gateways.find('g'))
    isReadable = true
    assert.equal((await gateways.find('g'))?.id, 'g')
  })
})
