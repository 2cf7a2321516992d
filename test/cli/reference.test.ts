import assert from 'node:assert/strict'
import type { Command } from 'commander'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { exitCodes } from '../../src/cli/exit.ts'
import { createProgram } from '../../src/cli/program.ts'

const page = new URL('../../docs/reference/cli.md', import.meta.url)
const mark = '<!-- Written by UPDATE=1 npm test: test/cli/reference.test.ts -->\n'

/** Every command that does something, with the words before it. */
const leaves = (command: Command, before: string): [string, Command][] =>
  command.commands
    .filter((one) => one.name() !== 'help')
    .flatMap((one) => {
      const words = `${before} ${one.name()}`
      return one.commands.length > 0 ? leaves(one, words) : [[words, one] as [string, Command]]
    })

function describeCommand([words, command]: [string, Command]): string {
  const spelled = command.registeredArguments.map((one) => {
    const name = one.name() + (one.variadic ? '…' : '')
    return one.required ? ` <${name}>` : ` [${name}]`
  })
  const options = command.options.filter(({ long }) => !['--url', '--key', '--json'].includes(long ?? ''))
  const lines = options.map(({ flags, description, argChoices }) => {
    const choices = argChoices ? `: ${argChoices.join(', ')}` : ''
    return `- \`${flags}\`: ${description}${choices}`
  })
  const hasJson = command.options.some(({ long }) => long === '--json')
  return `### \`${words}${spelled.join('')}\`\n\n${command.description()}${hasJson ? ' · `--json`' : ''}\n${lines.length > 0 ? `\n${lines.join('\n')}\n` : ''}`
}

describe('docs/reference/cli.md', () => {
  const commands = leaves(createProgram(), 'centang')
  const hand = readFileSync(page, 'utf8').split(mark)[0] as string

  it('has every command as it is', () => {
    const made = `${hand}${mark}\n${commands.map(describeCommand).join('\n')}`
    if (process.env['UPDATE']) writeFileSync(page, made)
    assert.equal(readFileSync(page, 'utf8'), made, 'docs/reference/cli.md is out of date: run UPDATE=1 npm test')
  })

  it('has every exit code, as the help does', () => {
    let help = ''
    const program = createProgram()
    program.configureOutput({ writeOut: (text) => (help += text) })
    program.outputHelp()
    for (const code of Object.values(exitCodes)) {
      assert.match(hand, new RegExp(`^\\| ${code} \\|`, 'm'))
      assert.match(help, new RegExp(`^ {2}${code} {2}\\w`, 'm'))
    }
  })

  it('every command says what it is for, and takes --json if it answers anything', () => {
    const silent = ['serve', 'migrate', 'rotate', 'forget', 'subscribe']
    for (const [words, command] of commands) {
      assert.ok(command.description().length > 10, words)
      const hasJson = command.options.some(({ long }) => long === '--json')
      assert.equal(hasJson, !silent.includes(command.name()), words)
    }
  })
})
