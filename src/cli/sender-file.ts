import { readFileSync } from 'node:fs'
import { unreadable, usageError } from './exit.ts'

/** What stands in the file of a sender; nothing of it is checked yet but that it is an object. */
export interface SenderFile {
  readonly provider?: unknown
  readonly config?: unknown
  readonly secrets?: unknown
}

const members = ['provider', 'config', 'secrets']

/** Reads a sender's file. What is wrong is told without a word of what is in it: secrets are. */
export function readSenderFile(file: string): SenderFile {
  const content = parse(file, readText(file))
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw usageError(`${file} must hold an object {"provider": …, "config": {…}, "secrets": {…}}.`)
  const unknown = Object.keys(content).filter((name) => !members.includes(name))
  if (unknown.length > 0)
    throw usageError(`${file} has unknown members: ${unknown.join(', ')}. Known are ${members.join(', ')}.`)
  return content
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw unreadable(file, error)
  }
}

function parse(file: string, text: string): unknown {
  let place = ''
  try {
    return JSON.parse(text)
  } catch (error) {
    // JSON.parse quotes the input, which has secrets: only the position is reported, without `cause`.
    const [found] = /line \d+ column \d+/.exec((error as Error).message) ?? []
    if (found !== undefined) place = `: look at ${found}`
  }
  throw usageError(`${file} is not JSON${place}.`)
}
