import { offeredChannels } from '#platform/core/channel.ts'
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { providers } from './registry.ts'

const source = fileURLToPath(new URL('../../', import.meta.url))
const own = 'messaging/providers'

/** `sms-http` lives in `sms/http`. */
const folderOf = (id: string): string => {
  const dash = id.indexOf('-')
  return `${own}/${id.slice(0, dash)}/${id.slice(dash + 1)}`
}
const folders = [...providers.keys()].map(folderOf)

/** What a file says that only the provider's own folder and the registry may: its id, or a file in its folder. */
function namesProviders(file: string, text: string): string[] {
  const own = folders.find((folder) => file.startsWith(`${folder}/`))
  const ids = [...providers.keys()].filter((id) => folderOf(id) !== own && text.includes(`'${id}'`))
  const imports = [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)]
    .map(([, request = '']) => (request.startsWith('#') ? request.slice(1) : join(dirname(file), request)))
    .filter((target) => folders.some((folder) => folder !== own && target.startsWith(`${folder}/`)))
  return [...ids, ...imports].map((name) => `${file} names ${name}`)
}

describe('the registry', () => {
  it('has every provider under its id, in the folder of that name', () => {
    for (const [id, provider] of providers) {
      assert.equal(provider.id, id)
      assert.ok(existsSync(join(source, folderOf(id), 'provider.ts')), folderOf(id))
    }
  })

  it('has each provider that there is a folder of', () => {
    const found = readdirSync(join(source, own), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('provider.ts'))
      .map((name) => `${own}/${dirname(name)}`)
    assert.deepEqual(found.toSorted(), folders.toSorted())
  })

  it('is the only place that names them', () => {
    const said = readdirSync(source, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .filter((name) => name !== `${own}/registry.ts`)
      .flatMap((name) => namesProviders(name, readFileSync(join(source, name), 'utf8')))
    // An example for readers of the API; nothing is decided by it.
    assert.deepEqual(said, ['messaging/http/senders.ts names sms-http'])
  })

  it('would notice who does', () => {
    const named = (text: string, file = 'demo/x.ts'): number => namesProviders(file, text).length
    assert.equal(named(`if (sender.provider === 'sms-http') return`), 1)
    assert.equal(named(`import { configOf } from '#messaging/providers/sms/http/config.ts'`), 1)
    assert.equal(named(`const a = await import('../messaging/providers/whatsapp/cloud-api/graph.ts')`), 1)
    assert.equal(named(`import { configOf } from './config.ts'`, 'messaging/providers/sms/http/x.ts'), 0)
    assert.equal(named(`import { x } from '../../whatsapp/cloud-api/graph.ts'`, 'messaging/providers/sms/http/x.ts'), 1)
  })

  it('what is offered is what some provider carries', () => {
    const carried = new Set([...providers.values()].map(({ channel }) => channel))
    assert.deepEqual(new Set<string>(offeredChannels), new Set<string>(carried))
  })
})
