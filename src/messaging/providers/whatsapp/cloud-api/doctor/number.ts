import { type Finding, ok, problem, warning } from '#messaging/core/finding.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { configOf } from '../config.ts'
import { type Fields, fieldsOf, listOf, wordOf } from '../fields.ts'
import { errorOf, type Read } from './read.ts'

const numberFields =
  'display_phone_number,verified_name,status,name_status,quality_rating,code_verification_status,health_status,whatsapp_business_manager_messaging_limit'

export async function examineNumber(sender: Sender, read: Read): Promise<Finding[]> {
  const { phone_number_id: id, waba_id: waba } = configOf(sender)
  const { status, node } = await read(`${id}?fields=${numberFields}`)
  if (status !== 200) {
    return [
      problem(
        'number',
        `Meta does not show a number ${id} to this token${errorOf(node)}.`,
        'Take the phone number id (not the number) from WhatsApp Manager → Phone numbers, and give the system user access to the account.',
      ),
    ]
  }
  const listed = await read(`${waba}/phone_numbers?fields=id`)
  const ids = listOf(listed.node['data']).map((one) => one['id'])
  const findings = [
    ...(ids.includes(id)
      ? []
      : [
          problem(
            'number',
            `It does not belong to the account ${waba}.`,
            'Set waba_id to the account that owns the number.',
          ),
        ]),
    ...examineState(node),
    ...examineStanding(node),
    ...examineHealth(node),
  ]
  if (findings.length > 0) return findings
  const { display_phone_number: shown, verified_name: name, quality_rating: quality } = node
  const limit = node['whatsapp_business_manager_messaging_limit']
  return [
    ok('number', `${wordOf(shown)} “${wordOf(name)}”, connected, quality ${wordOf(quality)}, limit ${wordOf(limit)}`),
  ]
}

function examineState(node: Fields): Finding[] {
  const findings: Finding[] = []
  if (node['status'] !== 'CONNECTED') {
    findings.push(
      problem(
        'number',
        `Its status is ${wordOf(node['status'])}, so nothing can be sent.`,
        'Register it: POST /{phone_number_id}/register with a six-digit PIN; see docs/guides/whatsapp.md.',
      ),
    )
  }
  if (node['code_verification_status'] !== 'VERIFIED') {
    findings.push(
      warning(
        'number',
        'Ownership of the number is not verified.',
        'POST /{phone_number_id}/request_code, then verify_code.',
      ),
    )
  }
  return findings
}

/** What people and Meta think of the number. */
function examineStanding(node: Fields): Finding[] {
  const findings: Finding[] = []
  if (!['APPROVED', 'AVAILABLE_WITHOUT_REVIEW'].includes(wordOf(node['name_status']))) {
    findings.push(
      warning(
        'display name',
        `The name is ${wordOf(node['name_status'])}; people see the bare number.`,
        'WhatsApp Manager → Phone numbers → Profile: ask for the name again.',
      ),
    )
  }
  if (node['quality_rating'] === 'RED') {
    findings.push(
      warning(
        'quality',
        'Many people blocked or reported this number.',
        'Send codes only to people who asked for one; look at the start requests that are never checked.',
      ),
    )
  }
  return findings
}

/** Of number, account, business and app. Limited ones still send; only a blocked one does not. */
function examineHealth(node: Fields): Finding[] {
  return listOf(fieldsOf(node['health_status'])['entities'])
    .filter(({ can_send_message: state }) => state !== 'AVAILABLE')
    .map(({ entity_type: type, can_send_message: state, errors, additional_info: info }) => {
      const [error = {}] = listOf(errors)
      const { error_description: described, possible_solution: solution } = error
      const mend = typeof solution === 'string' ? solution : 'WhatsApp Manager → Account overview tells more.'
      const more = Array.isArray(info) && info.length > 0 ? info.map(wordOf).join(' ') : 'no reason given'
      const why = typeof described === 'string' ? described : more
      return (state === 'LIMITED' ? warning : problem)('health', `${wordOf(type)} is ${wordOf(state)}: ${why}`, mend)
    })
}
