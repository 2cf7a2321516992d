import { findNumber, findText, missing, requireText } from './fields.ts'
import { refuseInLog } from './refuse.ts'
import type { KeyedSystem } from './system.ts'

const codes = ['login_code', 'registration_code', 'verification_code', 'recovery_code'] as const

/** Ory Kratos, a courier channel of type http. */
export const kratos: KeyedSystem = {
  name: 'kratos',
  // Its courier logs the first 1024 bytes of any other answer than 2xx as `http_response_body`, and repeats the call
  // whatever the status, `courier.message_retries` times (courier/http_channel.go, courier_dispatcher.go).
  refuse: refuseInLog,
  read(body) {
    const code = codes.map((name) => findText(body, 'template_data', name)).find((one) => one !== undefined)
    if (code === undefined) throw missing(['template_data'], `must hold one of ${codes.join(', ')}`)
    const minutes = findNumber(body, 'template_data', 'expires_in_minutes')
    const livesSeconds = minutes === undefined ? undefined : minutes * 60
    return {
      to: requireText(body, 'recipient'),
      code,
      expiresInSeconds: livesSeconds,
      // Its courier repeats within seconds, of a code that lives for less as well.
      repeatedWithinSeconds: livesSeconds === undefined ? undefined : Math.max(livesSeconds, 60),
      kind: findText(body, 'template_type'),
    }
  },
}
