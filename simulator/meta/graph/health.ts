import type { World } from '../../world/world.ts'
import { type AccountNumber, type Health, type healthParts, healthStates } from '../account.ts'
import type { Template } from '../template.ts'

type Part = (typeof healthParts)[number] | 'MESSAGE_TEMPLATE'

const well: Health = { canSend: 'AVAILABLE', errors: [], additionalInfo: [] }

// Meta does not list the codes of health errors; these two are known to exist.
const numberNotReady = 141_000
const templateNotReady = 141_001

/** `health_status` of the number. */
export const numberHealth = (world: World, { phoneNumberId }: AccountNumber): object =>
  spell([['PHONE_NUMBER', phoneNumberId, healthOfNumber(world)], ...ofAccount(world)])

/** `health_status` of the account. */
export const wabaHealth = (world: World): object => spell(ofAccount(world))

/** `health_status` of a template. */
export function templateHealth(world: World, { id, status }: Template): object {
  const own: Health =
    status === 'APPROVED' ? well : blocked(templateNotReady, `The template is ${status}.`, 'Use an approved template.')
  return spell([['MESSAGE_TEMPLATE', id, own], ...ofAccount(world)])
}

function healthOfNumber({ account }: World): Health {
  const { numberStatus, health } = account
  if (health.PHONE_NUMBER || numberStatus === 'CONNECTED') return health.PHONE_NUMBER ?? well
  return blocked(numberNotReady, `The phone number is ${numberStatus}.`, 'Register the phone number.')
}

const blocked = (code: number, description: string, solution: string): Health => ({
  canSend: 'BLOCKED',
  errors: [{ code, description, solution }],
  additionalInfo: [],
})

const ofAccount = ({ account }: World): [Part, string, Health][] => [
  ['WABA', account.wabaId, account.health.WABA ?? well],
  ['BUSINESS', account.businessId, account.health.BUSINESS ?? well],
  ['APP', account.appId, account.health.APP ?? well],
]

/** The whole is as well as its worst part. */
function spell(parts: readonly [Part, string, Health][]): object {
  return {
    can_send_message: healthStates[Math.max(...parts.map(([, , { canSend }]) => healthStates.indexOf(canSend)))],
    entities: parts.map(([part, id, { canSend, errors, additionalInfo }]) => ({
      entity_type: part,
      id,
      can_send_message: canSend,
      ...(additionalInfo.length > 0 && { additional_info: additionalInfo }),
      ...(errors.length > 0 && {
        errors: errors.map(({ code, description, solution }) => ({
          error_code: code,
          error_description: description,
          possible_solution: solution,
        })),
      }),
    })),
  }
}
