import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { listHosts } from './connect.ts'

describe('the hosts of a database URL', () => {
  it('are one, however it is spelled, when no second one is named', () => {
    for (const url of [
      'postgres://db/centang',
      'postgresql://u:p%2Cq@db:5433/x?sslmode=require',
      'postgres://u@[::1]:5432/x',
    ])
      assert.deepEqual(listHosts(url), [url])
  })

  it('each get a URL of their own, with the user and what else is set', () => {
    assert.deepEqual(
      listHosts('postgres://u:p%2C@a:5433,b,[::1]:5434/x?target_session_attrs=read-write&sslmode=require'),
      [
        'postgres://u:p%2C@a:5433/x?sslmode=require',
        'postgres://u:p%2C@b/x?sslmode=require',
        'postgres://u:p%2C@[::1]:5434/x?sslmode=require',
      ],
    )
    assert.deepEqual(listHosts('postgresql://a,b/x?target_session_attrs=primary'), [
      'postgresql://a/x',
      'postgresql://b/x',
    ])
  })
})
