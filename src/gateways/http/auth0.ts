import { findText, requireText } from './fields.ts'
import { refuseInJson } from './refuse.ts'
import type { KeyedSystem } from './system.ts'

/** What the Action of the guide sends: Auth0's `event.notification`, without the texts. */
export const auth0: KeyedSystem = {
  name: 'auth0',
  // Read by the Action of the guide, which says `api.notification.retry` or `drop` with it; Auth0 repeats up to five
  // times after the first, and shows the reason in the tenant's log (Actions Triggers: custom-phone-provider).
  refuse: refuseInJson,
  read: (body) => ({
    to: requireText(body, 'recipient'),
    code: requireText(body, 'code'),
    locale: findText(body, 'locale'),
    kind: findText(body, 'message_type'),
    // Whoever asks again may be given the same code, and means to have it sent.
    repeatedWithinSeconds: 30,
  }),
}
