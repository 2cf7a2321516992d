import { findText, requireText } from './fields.ts'
import { refuseInSentence } from './refuse.ts'
import type { KeyedSystem } from './system.ts'

/** Logto's connector "HTTP SMS". */
export const logto: KeyedSystem = {
  name: 'logto',
  // Its connector repeats nothing and makes the body of any other status than 2xx a `connector.general` error, whose
  // text its sign-in page shows as "Error occurred in connector: …" (packages/connectors/connector-http-sms).
  refuse: refuseInSentence,
  read: (body) => ({
    to: requireText(body, 'to'),
    code: requireText(body, 'payload', 'code'),
    locale: findText(body, 'payload', 'locale'),
    kind: findText(body, 'type'),
    // It repeats nothing by itself, and its test messages all have the code 000000: who tests again means it.
    repeatedWithinSeconds: 30,
  }),
}
