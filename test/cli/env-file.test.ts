import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { readEnvFile } from '#cli/env-file.ts'
import { readConfig } from '#cli/config.ts'
import { temporaryFolder } from '../kit/processes.ts'

const here = (name: string): URL => new URL(`../../${name}`, import.meta.url)

describe('the file .env', () => {
  const home = temporaryFolder()
  after(() => rmSync(home, { recursive: true }))

  const readIn = (folder: string, environment: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
    readEnvFile(environment, folder, home)
    return environment
  }

  it('need not be there', () => {
    assert.deepEqual(readIn(home), {})
  })

  it('sets what the environment does not, where the program is run in its folder', () => {
    writeFileSync(join(home, '.env'), 'PORT=3100\n# HOST=0.0.0.0\nCENTANG_METRICS_TOKEN=a long random text\n')
    assert.deepEqual(readIn(`${home}/`), { PORT: '3100', CENTANG_METRICS_TOKEN: 'a long random text' })
    assert.equal(readIn(home, { PORT: '3200' })['PORT'], '3200')
  })

  it('of another folder is somebody else’s', () => {
    mkdirSync(join(home, 'shop'))
    writeFileSync(join(home, 'shop', '.env'), 'DATABASE_URL=postgres://shop@db.internal/shop\n')
    assert.deepEqual(readIn(join(home, 'shop')), {})
    assert.deepEqual(readIn('/'), {})
  })

  it('is told of when it can’t be read', () => {
    rmSync(join(home, '.env'))
    mkdirSync(join(home, '.env'))
    assert.throws(() => readIn(home), { exitCode: 2, message: /\.env can't be read: EISDIR/ })
    rmSync(join(home, '.env'), { recursive: true })
  })

  it('may be .env.example, with any line of it switched on', () => {
    const example = readFileSync(here('.env.example'), 'utf8')
    const lines = example.split('\n').filter((line) => /^#[A-Z]/.test(line))
    assert.ok(lines.length > 30)
    // The key is an example that nobody can use.
    for (const line of lines.filter((one) => !one.includes('…'))) {
      writeFileSync(join(home, '.env'), example.replace(line, line.slice(1)))
      const environment = readIn(home)
      assert.equal(Object.keys(environment).length, 1, line)
      // Secrets are told to be long and random, not a text with spaces.
      if (!line.endsWith('a long random text')) readConfig(environment)
    }
  })

  it('is read by the server and by every command', () => {
    const installation = join(home, 'clone')
    mkdirSync(installation)
    for (const name of ['package.json', 'src', 'simulator'])
      cpSync(here(name), join(installation, name), { recursive: true })
    symlinkSync(here('node_modules'), join(installation, 'node_modules'))
    writeFileSync(join(installation, '.env'), 'PORT=70000\nCENTANG_LOG_LEVEL=loud\n')
    const run = (cwd: string, words: readonly string[]) => {
      const env = {
        PATH: process.env['PATH'],
        DATABASE_URL: 'postgres://127.0.0.1:1/none',
        CENTANG_MASTER_KEY: `1:${Buffer.alloc(32, 1).toString('base64')}`,
      }
      return spawnSync(process.execPath, [join(installation, 'src/cli/main.js'), ...words], {
        cwd,
        env,
        encoding: 'utf8',
      })
    }
    for (const words of [['serve'], ['businesses', 'create', 'Toko']]) {
      const { status, stderr } = run(installation, words)
      assert.equal(status, 2, stderr)
      assert.match(stderr, /PORT must be a whole number[^]*CENTANG_LOG_LEVEL must be one of/)
    }
    assert.equal(
      run('/', ['businesses', 'create', 'Toko']).status,
      3,
      'elsewhere the database is asked, which is not there',
    )
  })
})
