import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { readSenderFile } from './sender-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'centang-test-'))

function read(text: string): unknown {
  const file = join(folder, 'sender.json')
  writeFileSync(file, text)
  return readSenderFile(file)
}

/** What it says of a file, which must be none of what is in the file. */
function complaint(text: string): string {
  try {
    read(text)
  } catch (error) {
    const { message } = error as Error
    assert.doesNotMatch(message, /hush/)
    return message.replace(join(folder, 'sender.json'), 'sender.json')
  }
  return 'none'
}

describe('the file of a sender', () => {
  it('is read as it is', () => {
    const sender = { provider: 'sms-http', config: { url: 'x' }, secrets: { api: 'hush-hush' } }
    assert.deepEqual(read(JSON.stringify(sender)), sender)
    assert.deepEqual(read('{}'), {})
  })

  it('that is no JSON is told by the place alone: the parser would quote a secret', () => {
    assert.equal(
      complaint('{\n  "secrets": { "api": "hush-hush" hush'),
      'sender.json is not JSON: look at line 2 column 35.',
    )
    assert.equal(complaint('{"secrets": {"api": hush-hush}}'), 'sender.json is not JSON.')
    assert.equal(complaint(''), 'sender.json is not JSON.')
  })

  it('holds an object with known members', () => {
    for (const text of ['null', '[]', '"hush-hush"', '5']) assert.match(complaint(text), /must hold an object/, text)
    assert.equal(
      complaint('{"provider": "sms-http", "secret": {"api": "hush-hush"}, "channel": "sms"}'),
      'sender.json has unknown members: secret, channel. Known are provider, config, secrets.',
    )
  })

  it('that is not there, or no file, is said to be that', () => {
    assert.throws(
      () => readSenderFile(join(folder, 'nowhere.json')),
      /^CommandFailed: There is no file .*nowhere\.json\.$/,
    )
    assert.throws(() => readSenderFile(folder), /can't be read/)
  })
})
