import { Compile, type Validator } from 'typebox/compile'
import type { TSchema } from 'typebox'
import type { Sender } from '#core/messaging/channel.ts'
import { providers } from './registry.ts'

const compiled = new WeakMap<object, Validator>()

function validatorOf(schema: object): Validator {
  const made = compiled.get(schema) ?? Compile(schema as TSchema)
  compiled.set(schema, made)
  return made
}

export interface FieldError {
  readonly path: string
  readonly problem: string
}

/** What is wrong with a sender's provider, channel, config and secrets. Values are never repeated. */
export function invalidFields(sender: Omit<Sender, 'id'>): FieldError[] {
  const provider = providers[sender.provider]
  if (!provider) return [{ path: 'provider', problem: `must be one of ${Object.keys(providers).join(', ')}` }]
  if (provider.channel !== sender.channel)
    return [{ path: 'channel', problem: `must be ${provider.channel} for this provider` }]
  return [
    ...errorsOf('config', provider.configSchema, sender.config),
    ...errorsOf('secrets', provider.secretsSchema, sender.secrets),
  ]
}

function errorsOf(member: string, schema: object, value: unknown): FieldError[] {
  const validator = validatorOf(schema)
  if (validator.Check(value)) return []
  return validator
    .Errors(value)
    .map(({ instancePath, message }) => ({ path: `${member}${instancePath}`, problem: message }))
}
