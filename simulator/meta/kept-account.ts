import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Account, Callback } from './account.ts'

/** What an account keeps while nobody looks: a real one does not forget its templates when a process ends. */
const kept = [
  'wabaCallback',
  'appCallbackUrl',
  'appFields',
  'isSubscribed',
  'numberStatus',
  'isCodeVerified',
  'pin',
  'isIdentityCheckOn',
  'profile',
] as const satisfies readonly (keyof Account)[]

/** Takes up what the file says, and returns what writes the file when something has changed. */
export function keepAccount(account: Account, file: string): () => void {
  let written = readText(file)
  if (written !== undefined) restore(account, parse(written, file))
  return () => {
    const text = JSON.stringify(snapshotOf(account), undefined, 2)
    if (text === written) return
    mkdirSync(dirname(file), { recursive: true })
    // A rename is whole or not at all.
    writeFileSync(`${file}.new`, text)
    renameSync(`${file}.new`, file)
    written = text
  }
}

type Kept = Partial<Pick<Account, (typeof kept)[number]>> & {
  readonly numberCallbacks?: readonly (Callback | null)[]
  readonly templates?: readonly [string, never][]
  readonly deletedNames?: readonly [string, number][]
}

const snapshotOf = (account: Account): object => ({
  ...Object.fromEntries(kept.map((name) => [name, account[name]])),
  numberCallbacks: account.numbers.map(({ callback }) => callback ?? null),
  templates: [...account.templates],
  deletedNames: [...account.deletedNames],
})

function restore(account: Account, kept: Kept): void {
  const { numberCallbacks = [], templates = [], deletedNames = [], ...state } = kept
  Object.assign(account, state)
  for (const [index, number] of account.numbers.entries()) number.callback = numberCallbacks[index] ?? undefined
  for (const [key, template] of templates) account.templates.set(key, template)
  for (const [name, until] of deletedNames) account.deletedNames.set(name, until)
}

function parse(text: string, file: string): Kept {
  try {
    return JSON.parse(text) as Kept
  } catch (cause) {
    throw new Error(`${file} cannot be read as JSON. Without it the simulator begins anew.`, { cause })
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
