import type { Command } from 'commander'
import { jsonOption } from './api.ts'
import type { JsonOption } from './backup.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { createProgress, paint, print, printJson } from './terminal.ts'
import { withStores } from './with-stores.ts'

/** The books, on the machine of the server. */
export function addLedgerCommands(program: Command): void {
  const ledger = program.command('ledger').description('the books: accounts, and what moved between them')
  ledger
    .command('verify')
    .description('count every transfer of every book again, beside a running server too; names the first wrong row')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  $ centang ledger verify')
    .action((options: JsonOption) => verify(options))
}

async function verify({ json = false }: JsonOption): Promise<void> {
  await withStores(async ({ connection }) => {
    const { verifyLedger } = await import('#ledger/store/verify.ts')
    const progress = createProgress()
    const { fault, ...counted } = await verifyLedger(connection.connectionString, (count) =>
      progress.step(`${count.toLocaleString('en')} transfers`),
    )
    progress.clear()
    if (fault)
      throw new CommandFailed(exitCodes.failed, `The ${fault.what} ${fault.key} is wrong: ${fault.problem}.`, {
        ...counted,
        sound: false,
        fault,
      })
    if (json) return printJson({ ...counted, sound: true })
    const { transfers, accounts, books } = counted
    const [moved, held, kept] = [transfers, accounts, books].map((count) => count.toLocaleString('en'))
    print(paint('green', `Sound: ${moved} transfers, ${held} accounts, ${kept} books.`))
  })
}
