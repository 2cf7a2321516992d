import type { Validator } from 'typebox/compile'
import type { TSchema } from 'typebox'
import type { Sender } from '#messaging/core/sender.ts'
import type { FieldError } from '#messaging/core/field-error.ts'
import type { ChannelProvider } from '#messaging/core/provider.ts'
import { problemOfField } from '#platform/core/field-problem.ts'
import { providers } from './registry.ts'

const senderLengthMax = 16_000

const compiled = new WeakMap<object, Validator>()

/** The compiler is a large package that few processes need: it is loaded with the first sender that is looked at. */
async function validatorOf(schema: object): Promise<Validator> {
  const { Compile } = await import('typebox/compile')
  const made = compiled.get(schema) ?? Compile(schema as TSchema)
  compiled.set(schema, made)
  return made
}

/** What is wrong with a sender's provider, channel, config and secrets. Values are never repeated. */
export async function invalidFields(sender: Omit<Sender, 'id'>): Promise<readonly FieldError[]> {
  const provider = providers.get(sender.provider)
  if (!provider) return [{ path: 'provider', problem: `must be one of ${[...providers.keys()].join(', ')}` }]
  if (provider.channel !== sender.channel)
    return [{ path: 'channel', problem: `must be ${provider.channel} for this provider` }]
  // Every server holds the senders of whoever sends in memory.
  if (JSON.stringify([sender.config, sender.secrets]).length > senderLengthMax)
    return [{ path: 'config', problem: `must not be longer than ${senderLengthMax} characters, with the secrets` }]
  return fieldErrors(provider, sender)
}

/** What is wrong with the config and secrets of a sender of this provider. */
export async function fieldErrors(
  provider: ChannelProvider,
  sender: Pick<Sender, 'config' | 'secrets'>,
): Promise<readonly FieldError[]> {
  const errors = [
    ...(await errorsOf('config', provider.configSchema, sender.config)),
    ...(await errorsOf('secrets', provider.secretsSchema, sender.secrets)),
  ]
  return errors.length > 0 ? errors : (provider.breaksRules?.(sender) ?? [])
}

async function errorsOf(member: string, schema: object, value: unknown): Promise<FieldError[]> {
  const validator = await validatorOf(schema)
  if (validator.Check(value)) return []
  return validator.Errors(value).flatMap((fault) => {
    const problem = problemOfField(fault, schema)
    return problem === undefined ? [] : [{ path: `${member}${fault.instancePath}`, problem }]
  })
}
