import { findText, requireText } from './fields.ts'
import type { KeyedSystem } from './system.ts'

/** What the Action of the guide sends: Auth0's `event.notification`, without the texts. */
export const auth0: KeyedSystem = {
  name: 'auth0',
  read: (body) => ({
    to: requireText(body, 'recipient'),
    code: requireText(body, 'code'),
    locale: findText(body, 'locale'),
    kind: findText(body, 'message_type'),
    isCodeKept: true,
  }),
}
