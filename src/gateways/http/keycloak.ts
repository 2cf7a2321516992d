import { normaliseCode } from '#verification/core/code.ts'
import { missing, requireText } from './fields.ts'
import { refuseInLog } from './refuse.ts'
import type { KeyedSystem } from './system.ts'

/** Keycloak's SMS plug-ins render the text themselves: the code is what is in it. */
export const keycloak: KeyedSystem = {
  name: 'keycloak',
  // keycloak-mfa-plugins (ApiSmsService) repeats nothing and logs "Failed to send message to … [Response: …]".
  refuse: refuseInLog,
  read: (body) => ({ to: requireText(body, 'to'), code: codeIn(requireText(body, 'body')) }),
}

const wholeNumbers = /(?<![\p{L}\p{Nd}.,+-])\p{Nd}{4,10}(?![\p{L}\p{Nd}]|[.,]\p{Nd})/gu
/** As some texts set it: 123 456. */
const inTwoHalves = /(?<![\p{L}\p{Nd}.,+-])\p{Nd}{3}[ -]\p{Nd}{3}(?![\p{L}\p{Nd}]|[.,]\p{Nd})/gu

/** The one number in the text that can be a code. With several, guessing would send a year to somebody. */
function codeIn(text: string): string {
  for (const pattern of [wholeNumbers, inTwoHalves]) {
    const found = new Set((text.match(pattern) ?? []).map((one) => normaliseCode(one) as string))
    if (found.size === 1) return [...found][0] as string
    if (found.size > 1) break
  }
  throw missing(['body'], 'must hold one number of 4 to 10 digits, the code, and no other')
}
