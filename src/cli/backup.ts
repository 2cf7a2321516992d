import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { dumpDatabase } from '#platform/database/backup/dump.ts'
import { BackupUnreadable, type OnRows, readLines, spellLine } from '#platform/database/backup/format.ts'
import { restoreDatabase } from '#platform/database/backup/restore.ts'
import { hasDatabase, startEmbeddedPostgres } from '#platform/database/embedded/embedded-postgres.ts'
import { readConfig } from './config.ts'
import { createLog } from '#platform/log.ts'
import { openDatabase } from '#platform/database/open-database.ts'
import { readErasures, replay, spellReplayed } from './erasures.ts'
import { CommandFailed, exitCodes, unreadable, usageError } from './exit.ts'
import { moduleLines } from './module-lines.ts'
import { createProgress, print, printJson, tell } from './terminal.ts'

export interface JsonOption {
  readonly json?: boolean
}

export interface BackupOptions extends JsonOption {
  readonly force: boolean
}

export interface RestoreOptions extends JsonOption {
  readonly erasures?: string
}

export interface MoveOptions extends JsonOption {
  readonly to?: string
}

/** Of a table. */
const manyRows = 1000

const quietLog = () => createLog('warn', process.stderr)

export async function backup(given: string | undefined, { force, json }: BackupOptions): Promise<void> {
  const config = readConfig(process.env)
  const file = given ?? `centang-${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}.backup`
  if (file !== '-' && !force && existsSync(file))
    throw usageError(`There is a file ${file} already; --force replaces it.`)
  if (config.databaseUrl === undefined) requireEmbedded(config.dataFolder)
  const running = await openDatabase({ config, log: quietLog(), isCommand: true })
  const { counted, onRows } = countRows()
  try {
    const lines = Readable.from(spelled(dumpDatabase(running.connectionString, onRows)), { objectMode: false })
    if (file === '-') await pipeline(lines, createGzip(), process.stdout, { end: false })
    else await writeWhole(file, lines)
  } finally {
    await running.stop()
  }
  if (file === '-') return
  if (json) printJson({ file, rows: counted })
  else print(`${sum(counted)} rows are in ${file}. The master key is not: keep it apart.`)
}

/** Under its name only when it is whole and on the disk. */
async function writeWhole(file: string, lines: Readable): Promise<void> {
  const unfinished = `${file}.unfinished`
  try {
    await pipeline(lines, createGzip(), createWriteStream(unfinished, { mode: 0o600, flush: true }))
    renameSync(unfinished, file)
  } catch (error) {
    rmSync(unfinished, { force: true })
    throw error
  }
}

async function* spelled(lines: ReturnType<typeof dumpDatabase>): AsyncGenerator<string> {
  let text = ''
  for await (const line of lines) {
    text += spellLine(line)
    if (text.length < 65_536) continue
    yield text
    text = ''
  }
  yield text
}

export async function restore(file: string, { json, erasures: list }: RestoreOptions): Promise<void> {
  const config = readConfig(process.env)
  // What can't be read is told before anything is done.
  const erasures = list === undefined ? undefined : await readErasures(list)
  const source = file === '-' ? process.stdin : await openFile(file)
  const running = await openDatabase({ config, log: quietLog() })
  const { counted, onRows } = countRows()
  try {
    const gunzip = createGunzip()
    source.on('error', (error: Error) => gunzip.destroy(error))
    await restoreDatabase(running.connectionString, moduleLines, readLines(source.pipe(gunzip)), onRows)
  } catch (error) {
    throw error instanceof BackupUnreadable ? new CommandFailed(exitCodes.failed, `${file}: ${error.message}`) : error
  } finally {
    await running.stop()
  }
  const replayed = erasures && (await replay(erasures))
  if (json) return printJson({ rows: counted, ...(replayed && { erased: replayed }) })
  if (replayed) tell(spellReplayed(replayed))
  print(`${sum(counted)} rows are restored. Start the server with the CENTANG_MASTER_KEY they were made under.`)
}

async function openFile(file: string): Promise<Readable> {
  const stream = createReadStream(file)
  try {
    await once(stream, 'open')
    return stream
  } catch (error) {
    throw unreadable(file, error)
  }
}

export async function move({ to, json }: MoveOptions): Promise<void> {
  const { databaseUrl, dataFolder } = readConfig({ ...process.env, ...(to !== undefined && { DATABASE_URL: to }) })
  if (databaseUrl === undefined) throw usageError('Where to? Give --to postgres://… or DATABASE_URL.')
  requireEmbedded(dataFolder)
  const log = quietLog()
  // Not beside a running server: what it takes on after the copy would be lost.
  const source = await startEmbeddedPostgres({ dataFolder, log: (line, level) => log[level](line) })
  const { counted, onRows } = countRows()
  try {
    await restoreDatabase(
      databaseUrl,
      moduleLines,
      dumpDatabase(source.connectionString, () => undefined),
      onRows,
    )
  } finally {
    await source.stop()
  }
  if (json) return printJson({ rows: counted })
  print(`${sum(counted)} rows are moved. Start the server with DATABASE_URL from now on, and the same master key:`)
  print(`  CENTANG_MASTER_KEY as it is; of a demo, 1:<a new key>,0:<what is in ${dataFolder}/master-key>`)
  tell(`The data folder ${dataFolder} is as it was. Delete it when the server runs well.`)
}

function requireEmbedded(dataFolder: string): void {
  if (!hasDatabase(dataFolder))
    throw usageError(`There is no database in ${dataFolder}. Set CENTANG_DATA_DIR or DATABASE_URL.`)
}

function countRows(): { readonly counted: Record<string, number>; readonly onRows: OnRows } {
  const progress = createProgress()
  const counted: Record<string, number> = {}
  const onRows: OnRows = (table, rows, isDone) => {
    counted[table] = rows
    const text = `${table.padEnd(24)} ${rows.toLocaleString('en')} rows`
    // Fifty tables, of which most have little: only what took a while is worth a line that stays.
    if (isDone && rows >= manyRows) progress.done(text)
    else if (isDone) progress.clear()
    else progress.step(text)
  }
  return { counted, onRows }
}

const sum = (counted: Readonly<Record<string, number>>): string =>
  Object.values(counted)
    .reduce((all, rows) => all + rows, 0)
    .toLocaleString('en')
