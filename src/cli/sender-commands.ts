import type { Command } from 'commander'
import type { Stores } from './stores.ts'
import { jsonOption } from './api.ts'
import { askToGoOn } from './prompt.ts'
import { withStores } from './with-stores.ts'

interface JsonChoice {
  readonly json?: boolean
}

type Actions = typeof import('./sender-actions.ts')

/** Loaded for these commands only: what knows every provider takes longer than most other commands take to run. */
async function act(work: (actions: Actions, stores: Stores) => Promise<void>): Promise<void> {
  const actions = await import('./sender-actions.ts')
  await withStores((stores) => work(actions, stores))
}

/** Numbers and sender ids: adding them, and setting up and examining what is behind them at the provider. */
export function addSenderCommands(program: Command): void {
  const senders = program.command('senders').description('numbers and sender ids')
  senders
    .command('add <business> <file>')
    .description('a live sender from a JSON file {provider, config, secrets}')
    .addOption(jsonOption())
    .action((business: string, file: string, { json = false }: JsonChoice) =>
      act(({ addSender }, stores) => addSender(stores, business, file, json)),
    )
  senders
    .command('update <sender> <file>')
    .description('new config or secrets from a JSON file; each replaces the old one as a whole')
    .addOption(jsonOption())
    .action((sender: string, file: string, { json = false }: JsonChoice) =>
      act(({ updateSender }, stores) => updateSender(stores, sender, file, json)),
    )
  senders
    .command('remove <sender>')
    .description('nothing is sent from it any more; receipts of what was sent are still read')
    .option('--yes', 'without asking', false)
    .addOption(jsonOption())
    .action((sender: string, { json = false, yes }: JsonChoice & { readonly yes: boolean }) =>
      act(async ({ removeSender }, stores) => {
        if (!yes) await askToGoOn(`Nothing will be sent from ${sender} any more.`)
        await removeSender(stores, sender, json)
      }),
    )
  senders
    .command('test <sender> <to>')
    .description('send one message, whose code opens nothing, and say what the provider answers')
    .addOption(jsonOption())
    .action((sender: string, to: string, { json = false }: JsonChoice) =>
      act(({ testSender }, stores) => testSender(stores, sender, to, json)),
    )
  senders
    .command('list <business>')
    .description('senders of a business; secrets are never shown')
    .addOption(jsonOption())
    .action((business: string, { json = false }: JsonChoice) =>
      act(({ listSenders }, stores) => listSenders(stores, business, json)),
    )
  senders
    .command('show <sender>')
    .description('where its webhooks go, with what else is entered at the vendor')
    .addOption(jsonOption())
    .action((sender: string, { json = false }: JsonChoice) =>
      act(({ showSender }, stores) => showSender(stores, sender, json)),
    )
  senders
    .command('subscribe <sender>')
    .description("point the vendor's webhooks at this server")
    .action((sender: string) => act(({ subscribeWebhook }, stores) => subscribeWebhook(stores, sender)))
  addTemplateCommands(program)
  program
    .command('doctor <sender>')
    .description("examine a set-up from the vendor's side and say how to mend what is wrong")
    .addOption(jsonOption())
    .action((sender: string, { json = false }: JsonChoice) => act(({ doctor }, stores) => doctor(stores, sender, json)))
}

function addTemplateCommands(program: Command): void {
  const templates = program.command('templates').description('message templates of a sender, at its vendor')
  templates
    .command('create <sender>', { isDefault: true })
    .description('create or update the templates that codes go out by')
    .addOption(jsonOption())
    .action((sender: string, { json = false }: JsonChoice) =>
      act(({ createTemplates }, stores) => createTemplates(stores, sender, json)),
    )
  templates
    .command('list <sender>')
    .description('every template of the account, with what the vendor thinks of it')
    .addOption(jsonOption())
    .action((sender: string, { json = false }: JsonChoice) =>
      act(({ listTemplates }, stores) => listTemplates(stores, sender, json)),
    )
}
