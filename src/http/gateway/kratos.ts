import { findNumber, findText, missing, requireText } from './fields.ts'
import type { KeyedSystem } from './system.ts'

const codes = ['login_code', 'registration_code', 'verification_code', 'recovery_code'] as const

/** Ory Kratos, a courier channel of type http. */
export const kratos: KeyedSystem = {
  name: 'kratos',
  read(body) {
    const code = codes.map((name) => findText(body, 'template_data', name)).find((one) => one !== undefined)
    if (code === undefined) throw missing(['template_data'], `must hold one of ${codes.join(', ')}`)
    const minutes = findNumber(body, 'template_data', 'expires_in_minutes')
    return {
      to: requireText(body, 'recipient'),
      code,
      expiresInSeconds: minutes === undefined ? undefined : minutes * 60,
      kind: findText(body, 'template_type'),
    }
  },
}
