import { findText, requireText } from './fields.ts'
import type { KeyedSystem } from './system.ts'

/** Logto's connector "HTTP SMS". */
export const logto: KeyedSystem = {
  name: 'logto',
  read: (body) => ({
    to: requireText(body, 'to'),
    code: requireText(body, 'payload', 'code'),
    locale: findText(body, 'payload', 'locale'),
    kind: findText(body, 'type'),
  }),
}
