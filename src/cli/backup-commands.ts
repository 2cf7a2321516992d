import type { Command } from 'commander'
import type { BackupOptions, JsonOption, MoveOptions, RestoreOptions } from './backup.ts'
import { jsonOption } from './api.ts'

/** Loaded for these commands only. */
const actions = () => import('./backup.ts')

/** A copy of everything in the database, and its way into another one. */
export function addBackupCommands(program: Command): void {
  program
    .command('backup')
    .argument('[file]', 'where to; - for stdout. Default: centang-<date>.backup')
    .description('everything in the database, as of one moment, in a file; beside a running server too')
    .option('--force', 'write over a file that is there', false)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The file is Centang's own (gzipped JSON lines), read by "centang restore" of this version and later ones. It holds phone
numbers; credentials in it stay encrypted under CENTANG_MASTER_KEY, which is not in it: keep that apart.

Examples:
  $ centang backup
  $ centang backup - | gpg --encrypt -r ops@example.com > centang.backup.gpg`,
    )
    .action(async (file: string | undefined, options: BackupOptions) => (await actions()).backup(file, options))
  program
    .command('restore')
    .argument('<file>', 'a backup; - for stdin')
    .description('a backup into an empty database: DATABASE_URL, or a new data folder')
    .option('--erasures <file>', 'of "centang erasures export": erases again whom the backup brings back')
    .addOption(jsonOption())
    .action(async (file: string, options: RestoreOptions) => (await actions()).restore(file, options))
  program
    .command('move')
    .description('the database of the data folder into an empty PostgreSQL; the server must be stopped')
    .option('--to <url>', 'where to; DATABASE_URL when absent')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ centang move --to postgres://centang:secret@db.internal/centang')
    .action(async (options: MoveOptions) => (await actions()).move(options))
}

/** Who was erased, kept apart from the database, for the day on which an older backup is restored. */
export function addErasureCommands(program: Command): void {
  const erasures = program.command('erasures').description('who was erased, for after a restore; no number is in it')
  erasures
    .command('export')
    .argument('[file]', 'where to; - for stdout', '-')
    .description('the list of who was erased, as JSON lines; keep the newest beside the backups')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ centang erasures export erasures.jsonl')
    .action(async (file: string, options: JsonOption) => (await import('./erasures.ts')).exportErasures(file, options))
  erasures
    .command('replay')
    .argument('<file>', 'of "centang erasures export"; - for stdin')
    .description('erase them again, in a database that an older backup was restored into')
    .addOption(jsonOption())
    .action(async (file: string, options: JsonOption) => (await import('./erasures.ts')).replayErasures(file, options))
}
