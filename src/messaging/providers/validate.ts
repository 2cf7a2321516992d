import type { Validator } from 'typebox/compile'
import type { TSchema } from 'typebox'
import type { Sender } from '#messaging/core/channel.ts'
import type { FieldError } from './field-error.ts'
import { providers } from './registry.ts'
import { breaksRules } from './sms/http-rules.ts'
import { smsHttp } from './sms/http.ts'

const compiled = new WeakMap<object, Validator>()

/** The compiler is a large package that few processes need: it is loaded with the first sender that is looked at. */
async function validatorOf(schema: object): Promise<Validator> {
  const { Compile } = await import('typebox/compile')
  const made = compiled.get(schema) ?? Compile(schema as TSchema)
  compiled.set(schema, made)
  return made
}

/** For providers whose schemas can't say everything; asked once the schemas are kept. */
const rules: Readonly<Record<string, (sender: Omit<Sender, 'id'>) => FieldError[]>> = { [smsHttp.id]: breaksRules }

/** What is wrong with a sender's provider, channel, config and secrets. Values are never repeated. */
export async function invalidFields(sender: Omit<Sender, 'id'>): Promise<FieldError[]> {
  const provider = Object.hasOwn(providers, sender.provider) ? providers[sender.provider] : undefined
  if (!provider) return [{ path: 'provider', problem: `must be one of ${Object.keys(providers).join(', ')}` }]
  if (provider.channel !== sender.channel)
    return [{ path: 'channel', problem: `must be ${provider.channel} for this provider` }]
  const errors = [
    ...(await errorsOf('config', provider.configSchema, sender.config)),
    ...(await errorsOf('secrets', provider.secretsSchema, sender.secrets)),
  ]
  return errors.length > 0 ? errors : (rules[provider.id]?.(sender) ?? [])
}

async function errorsOf(member: string, schema: object, value: unknown): Promise<FieldError[]> {
  const validator = await validatorOf(schema)
  if (validator.Check(value)) return []
  return validator
    .Errors(value)
    .map(({ instancePath, message }) => ({ path: `${member}${instancePath}`, problem: message }))
}
