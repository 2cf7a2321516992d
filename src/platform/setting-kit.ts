import { readFileSync } from 'node:fs'

/** One setting: a variable of the environment: what it is for, how it is read, what it is when absent. */
export interface Setting<Value> {
  readonly name: string
  readonly about: string
  readonly example: string
  /** May be given as a file: NAME_FILE. Its value is never printed. */
  readonly isSecret?: boolean
  readonly read: (text: string) => Value
  readonly absent: Value
}

/** Thrown by a setting that can't read what it was given; its text goes on from the setting's name. */
export class Unreadable extends Error {}

export const text = (value: string): string => value

export const integer =
  (min: number, max: number) =>
  (value: string): number => {
    const number = Number(value)
    if (!/^\d+$/.test(value) || number < min || number > max) {
      throw new Unreadable(`must be a whole number from ${min} to ${max}`)
    }
    return number
  }

export const oneOf =
  <const Values extends readonly string[]>(values: Values) =>
  (value: string): Values[number] => {
    if (!values.includes(value)) throw new Unreadable(`must be one of ${values.join(', ')}`)
    return value
  }

export const onOff = (value: string): boolean => oneOf(['on', 'off'] as const)(value) === 'on'

export const httpUrl = (value: string): string => {
  if (!/^https?:$/.test(URL.parse(value)?.protocol ?? '')) throw new Unreadable('must be an http or https URL')
  return value.replace(/\/$/, '')
}

export const list = (value: string): readonly string[] =>
  value
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)

export const longSecret = (value: string): string => {
  if (!/^[\x21-\x7e]{16,300}$/.test(value)) throw new Unreadable('must have 16 printable characters or more')
  return value
}

export const define = <Value>(setting: Setting<Value>): Setting<Value> => setting

/** The settings of one module, or of several together. */
export type Settings = Readonly<Record<string, Setting<unknown>>>

/** What they are set to. */
export type ConfigOf<Given extends Settings> = { readonly [Name in keyof Given]: Given[Name]['absent'] }

/** Everything that is wrong with the environment, at once. */
export class ConfigInvalid extends Error {
  constructor(problems: readonly string[]) {
    super(`The settings can't be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.name = 'ConfigInvalid'
  }
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Reads them all before anything is done, so that all that is wrong is told at once. */
export function readSettings<Given extends Settings>(
  settings: Given,
  environment: Environment,
  /** What is wrong with them together; of one that can't be read by itself it knows only that it is absent. */
  judge: (config: ConfigOf<Given>) => readonly (string | undefined)[] = () => [],
): ConfigOf<Given> {
  const problems: string[] = []
  const entries = Object.entries(settings).map(([key, setting]) => [key, readSetting(setting, environment, problems)])
  const config = Object.fromEntries(entries) as ConfigOf<Given>
  problems.push(...judge(config).filter((problem) => problem !== undefined))
  if (problems.length > 0) throw new ConfigInvalid(problems)
  return config
}

function readSetting(setting: Setting<unknown>, environment: Environment, problems: string[]): unknown {
  const { name, isSecret = false, example } = setting
  try {
    const given = environment[name]?.trim() || (isSecret ? readSecretFile(environment[`${name}_FILE`]) : undefined)
    return given === undefined ? setting.absent : setting.read(given)
  } catch (error) {
    const detail =
      error instanceof Unreadable ? error.message : `can't be read from its file: ${(error as Error).message}`
    problems.push(`${name} ${detail}. For example: ${example}`)
    return undefined
  }
}

const readSecretFile = (path: string | undefined): string | undefined =>
  path === undefined || path === '' ? undefined : readFileSync(path, 'utf8').trim()
