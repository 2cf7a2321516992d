import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { believesAnyCertificate, DatabaseUrlUnreadable, readDatabaseUrl } from './database-url.ts'

const listHosts = (url: string): readonly string[] => readDatabaseUrl(url).hosts

describe('the hosts of a database URL', () => {
  it('are one, however it is spelled, when no second one is named', () => {
    for (const url of [
      'postgres://db/centang',
      'postgresql://u:p%2Cq@db:5433/x?connect_timeout=3',
      'postgres://u@[::1]:5432/x',
    ])
      assert.deepEqual(listHosts(url), [url])
  })

  it('each get a URL of their own, with the user and what else is set', () => {
    assert.deepEqual(
      listHosts('postgres://u:p%2C@a:5433,b,[::1]:5434/x?target_session_attrs=read-write&connect_timeout=3'),
      [
        'postgres://u:p%2C@a:5433/x?connect_timeout=3',
        'postgres://u:p%2C@b/x?connect_timeout=3',
        'postgres://u:p%2C@[::1]:5434/x?connect_timeout=3',
      ],
    )
    assert.deepEqual(listHosts('postgresql://a,b/x?target_session_attrs=primary'), [
      'postgresql://a/x',
      'postgresql://b/x',
    ])
  })
})

describe('settings of a database URL', () => {
  const settingsOf = (options: string) =>
    readDatabaseUrl(`postgres://db/x?options=${encodeURIComponent(options)}&connect_timeout=3`)

  it('are read as libpq spells them, and not sent in the first packet', () => {
    assert.deepEqual(settingsOf('-c search_path=centang -cwork_mem=8MB --statement-timeout=7'), {
      hosts: ['postgres://db/x?connect_timeout=3'],
      settings: { search_path: 'centang', work_mem: '8MB', statement_timeout: '7' },
    })
    assert.deepEqual(settingsOf('-c search_path=a,\\ b').settings, { search_path: 'a, b' })
    assert.deepEqual(readDatabaseUrl('postgres://db/x').settings, {})
  })

  it('are refused in any other form', () => {
    for (const options of ['-c', 'search_path=x', '-d 5', '-c =x'])
      assert.throws(() => settingsOf(options), DatabaseUrlUnreadable, options)
  })
})

describe('the sslmode of a database URL', () => {
  const hostOf = (query: string) => readDatabaseUrl(`postgres://db/x?${query}`).hosts[0]
  const driven = (query: string): string => `postgres://db/x?${query}&uselibpqcompat=true`

  it("is driven with libpq's meaning", () => {
    assert.equal(hostOf('sslmode=require'), driven('sslmode=require'))
    assert.equal(hostOf('sslmode=verify-full'), driven('sslmode=verify-full'))
    assert.equal(hostOf('sslmode=verify-ca&sslrootcert=/ca.pem'), driven('sslmode=verify-ca&sslrootcert=%2Fca.pem'))
    assert.equal(hostOf('sslmode=verify-full&sslrootcert=system'), driven('sslmode=verify-full'))
    assert.equal(hostOf('sslmode=no-verify'), 'postgres://db/x?sslmode=no-verify')
  })

  it('is refused where it promises nothing, or can not be kept', () => {
    for (const query of ['sslmode=prefer', 'sslmode=allow', 'sslmode=verify-ca', 'sslmode=verify_full', 'sslmode='])
      assert.throws(() => hostOf(query), DatabaseUrlUnreadable, query)
  })

  it('is known for what it leaves open', () => {
    const open = ['sslmode=require', 'sslmode=no-verify', 'a=b&sslmode=require']
    const closed = ['', 'sslmode=disable', 'sslmode=verify-full', 'sslmode=require&sslrootcert=/ca.pem']
    for (const query of open) assert.equal(believesAnyCertificate(`postgres://db/x?${query}`), true, query)
    for (const query of closed) assert.equal(believesAnyCertificate(`postgres://db/x?${query}`), false, query)
  })
})
