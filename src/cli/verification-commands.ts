import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import { offeredChannels } from '#platform/core/channel.ts'
import { verificationStatuses } from '#verification/core/verification.ts'
import { type Api, type ApiOptions, openApi, withApiOptions } from './api.ts'
import { CommandFailed, exitCodes } from './exit.ts'
import { readTypedLines } from './prompt.ts'
import { paint, print, printJson, tell, timeOf } from './terminal.ts'
import {
  type CheckView,
  describeList,
  describeVerification,
  type TimelineView,
  type VerificationView,
} from './verification-view.ts'

interface SendOptions extends ApiOptions {
  readonly channel?: string
  readonly locale?: string
  readonly purpose?: string
  readonly wait?: boolean
}

interface ListOptions extends ApiOptions {
  readonly to?: string
  readonly status?: string
  readonly purpose?: string
  readonly limit?: string
  readonly cursor?: string
}

/** Sending and checking codes through a running server. */
export function addVerificationCommands(program: Command): void {
  withApiOptions(program.command('send'))
    .argument('<to>', 'phone number in E.164 form, or an e-mail address')
    .description('send a code')
    .addOption(channelOption())
    .option('-l, --locale <locale>', 'language of the text: en, id, es or pt-BR, with any region')
    .option('-p, --purpose <purpose>', 'what it is for; codes are shared within one')
    .option('-w, --wait', 'ask for the code and check it')
    .addHelpText(
      'after',
      `
Examples:
  $ centang send +6281234567890
  $ centang send +6281234567890 --channel sms --locale id --wait
  $ centang send +6281234567890 --json | jq -r .id`,
    )
    .action(send)

  withApiOptions(program.command('check'))
    .argument('<id>', 'the verification, ver_…')
    .addArgument(new Argument('<code...>', 'what the person typed; spaces and dashes do not matter'))
    .description('check a code; ends with 1 when it is wrong')
    .addHelpText('after', '\nExample:\n  $ centang check ver_019a6b0c2f4e7c3d8a51e2f60b7d9c14 123 456')
    .action(async (id: string, code: readonly string[], options: ApiOptions) => {
      const checked = await check(openApi(options), id, code.join(' '))
      if (options.json) printJson(checked)
      else print(describeCheck(checked))
      if (!checked.valid) process.exitCode = exitCodes.failed
    })

  const verifications = program.command('verifications').description('what was sent and what became of it')
  withApiOptions(verifications.command('list'))
    .description('the newest first')
    .option('--to <to>', 'of one recipient')
    .addOption(new Option('--status <status>', 'as they stand now').choices(verificationStatuses))
    .option('--purpose <purpose>', 'of one purpose')
    .option('--limit <count>', 'how many, 1 to 100', count(1, 100), '20')
    .option('--cursor <cursor>', 'go on where the last page ended')
    .addHelpText('after', '\nExample:\n  $ centang verifications list --status undeliverable --limit 50')
    .action(list)
  withApiOptions(verifications.command('get'))
    .argument('<id>', 'the verification, ver_…')
    .description('one with its deliveries and everything that happened')
    .action(async (id: string, options: ApiOptions) => {
      const found = await openApi(options).call<VerificationView & { timeline: TimelineView[] }>('GET', pathOf(id))
      if (options.json) printJson(found)
      else for (const line of describeVerification(found)) print(line)
    })
}

const channelOption = (): Option =>
  new Option('-c, --channel <channel>', 'on this channel and no other').choices(offeredChannels)

/** Reads a whole number for commander, which names the option in its own words. */
export const count =
  (min: number, max: number) =>
  (text: string): string => {
    if (!/^\d{1,9}$/.test(text) || Number(text) < min || Number(text) > max)
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`)
    return text
  }

const pathOf = (id: string): string => `/v1/verifications/${encodeURIComponent(id)}`

const check = (api: Api, id: string, code: string): Promise<CheckView> =>
  api.call<CheckView>('POST', `${pathOf(id)}/check`, { code })

const describeCheck = (
  { valid, status, checks_remaining: left }: CheckView,
  stream: NodeJS.WriteStream = process.stdout,
): string =>
  valid
    ? `${paint('green', '✓', stream)} Right: the verification is ${status}.`
    : `${paint('red', '✗', stream)} Wrong. ${left === 0 ? `The verification is ${status}.` : `${left} more may be tried.`}`

async function send(to: string, options: SendOptions): Promise<void> {
  const { channel, locale, purpose, wait, json } = options
  const api = openApi(options)
  const started = await api.call<VerificationView>('POST', '/v1/verifications', {
    to,
    ...(channel && { channel }),
    ...(locale && { locale }),
    ...(purpose && { purpose }),
  })
  if (!wait) {
    if (json) return printJson(started)
    print(`A code is on its way to ${started.to} by ${started.channel}, valid until ${timeOf(started.expires_at)}.`)
    return print(`${paint('bold', started.id)}\n${paint('dim', `centang check ${started.id} <code>`)}`)
  }
  tell(`A code is on its way to ${started.to} by ${started.channel}, valid until ${timeOf(started.expires_at)}.`)
  tell('Type the code; or "resend" for the same code again, "next" for the next channel.')
  const checked = await askUntilRight(api, started.id)
  if (json) printJson(checked)
  else print(describeCheck(checked))
}

/** Takes what is typed until it is right. What ends the verification is an error that the server words. */
async function askUntilRight(api: Api, id: string): Promise<CheckView> {
  for await (const typed of readTypedLines('Code: ')) {
    if (typed === 'resend' || typed === 'next') {
      await moveOn(api, id, typed)
      continue
    }
    const checked = await check(api, id, typed)
    if (checked.valid) return checked
    tell(describeCheck(checked, process.stderr))
    if (checked.status !== 'pending')
      throw new CommandFailed(exitCodes.failed, 'No code of this verification counts any more.', { ...checked })
  }
  throw new CommandFailed(exitCodes.failed, `Nothing was verified. Later: centang check ${id} <code>`)
}

/** "Too soon" and "no further channel" are things to tell while the person goes on typing. */
async function moveOn(api: Api, id: string, how: 'resend' | 'next'): Promise<void> {
  try {
    const { channel, deliveries } = await api.call<VerificationView>('POST', `${pathOf(id)}/${how}`)
    tell(`On its way by ${channel} (sending ${deliveries.length}).`)
  } catch (error) {
    if (!(error instanceof CommandFailed) || error.exitCode !== exitCodes.failed) throw error
    tell(error.message)
  }
}

async function list(options: ListOptions): Promise<void> {
  const { to, status, purpose, limit, cursor, json } = options
  const given = Object.entries({ to, status, purpose, limit, cursor }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  const query = new URLSearchParams(given).toString()
  const page = await openApi(options).call<{ data: VerificationView[]; next_cursor: string | null }>(
    'GET',
    `/v1/verifications?${query}`,
  )
  if (json) return printJson(page)
  for (const line of describeList(page.data)) print(line)
  if (page.data.length === 0) tell('There are none.')
  if (page.next_cursor !== null) tell(`There are more: --cursor ${page.next_cursor}`)
}
