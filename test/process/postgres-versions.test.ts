import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePort, temporaryFolder } from '../kit/processes.ts'
import { eventually } from '../kit/api.ts'
import { seed, shareOf } from '../kit/exploration.ts'

const installed = '/usr/lib/postgresql'
const versions = (existsSync(installed) ? readdirSync(installed) : []).filter(
  (version) => Number(version) >= 15 && existsSync(join(installed, version, 'bin', 'initdb')),
)

/** PostgreSQL does not run as root. */
function unprivileged(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const line = readFileSync('/etc/passwd', 'utf8').match(/^(?:postgres|nobody):[^:]*:(\d+):(\d+)/m)
  return { uid: Number(line?.[1]), gid: Number(line?.[2]) }
}

/** What speaks to the database in every way there is; the server with its timers in `npm run explore` only. */
const suites = [
  '../platform/schema',
  '../platform/log-epoch',
  '../platform/event-reads',
  '../verification/check-statement',
  '../verification/verification',
  ...shareOf(
    [
      '../verification/plans',
      '../verification/partitions',
      '../platform/retention',
      '../verification/limits',
      '../verification/fallback',
    ],
    [],
  ),
].map((name) => fileURLToPath(new URL(`${name}.test.ts`, import.meta.url)))
const setup = `--test-global-setup=${fileURLToPath(new URL('../kit/postgres-setup.ts', import.meta.url))}`

/** All that are installed, or one of them. */
const wanted = versions.filter((_version, index) => shareOf(true, index === seed % versions.length))

describe(`a PostgreSQL of the system (seed ${seed})`, () => {
  const skip = versions.length === 0 && 'no PostgreSQL from 15 on is installed; the embedded one is 18'

  for (const version of versions.length === 0 ? ['any'] : wanted) {
    it(`of version ${version} gives the same answers`, { skip, timeout: 300_000 }, async () => {
      const user = unprivileged()
      const folder = temporaryFolder()
      if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid)
      const bin = join(installed, version, 'bin')
      const cluster = join(folder, 'cluster')
      const made = spawnSync(join(bin, 'initdb'), ['-D', cluster, '-U', 'centang', '-A', 'trust', '-E', 'UTF8'], {
        ...user,
        cwd: '/',
        encoding: 'utf8',
        env: { LC_ALL: 'C', PATH: process.env['PATH'] },
      })
      assert.equal(made.status, 0, made.stderr)
      const port = await freePort()
      const postgres = spawn(
        join(bin, 'postgres'),
        ['-D', cluster, '-p', String(port), '-k', '', '-h', '127.0.0.1', '-F', '-c', 'max_connections=200'],
        { ...user, cwd: '/', stdio: 'ignore', env: { LC_ALL: 'C', TZ: 'UTC' } },
      )
      try {
        const pidFile = join(cluster, 'postmaster.pid')
        await eventually(async () => existsSync(pidFile) && readFileSync(pidFile, 'utf8').includes('ready'), 20_000)
        const tested = spawn(
          process.execPath,
          ['--test', setup, '--test-concurrency=2', '--test-reporter=tap', ...suites],
          {
            env: {
              PATH: process.env['PATH'],
              CENTANG_TEST_DATABASE_URL: `postgres://centang@127.0.0.1:${port}/postgres`,
            },
            stdio: ['ignore', 'pipe', 'inherit'],
          },
        )
        let output = ''
        tested.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
        const code = await new Promise((done) => tested.once('exit', done))
        assert.equal(code, 0, output.match(/^ *not ok .*$[^]*?^ *\.\.\.$/m)?.[0] ?? output.slice(-3000))
        assert.match(output, /^# pass [1-9]\d+$/m)
      } finally {
        postgres.kill('SIGINT')
        await new Promise((done) => postgres.once('exit', done))
        rmSync(folder, { recursive: true, force: true })
      }
    })
  }
})
