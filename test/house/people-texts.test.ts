import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { locales } from '#platform/core/locale.ts'
import { wordsOf } from '#verification/http/page/words.ts'
import { en } from '../../console/src/verification/text/en.ts'
import { es } from '../../console/src/verification/text/es.ts'
import { id } from '../../console/src/verification/text/id.ts'
import { ptBr } from '../../console/src/verification/text/pt-br.ts'
import { spellSeconds, textsFor } from '../../sdk/src/otp-field/texts.ts'

const console_ = { en, id, es, 'pt-BR': ptBr }

// The three share no code: one is a program of ours, one a page of the server, one in the business's own page.
describe('the try-it page, the hosted page and <otp-field>', () => {
  for (const locale of locales)
    it(`say the same in the same words, in ${locale}`, () => {
      const [tryIt, page, { lang, texts: field }] = [console_[locale], wordsOf(locale), textsFor(locale)]
      assert.equal(lang, locale)
      const all = <Text>(inTryIt: Text, ...others: Text[]) => others.forEach((other) => assert.equal(other, inTryIt))
      for (const left of [1, 2, 4]) all(tryIt.wrong(left), page.wrong(left), field.wrong(left))
      all(tryIt.resend, page.resend, field.again)
      all(tryIt.resendIn(29), page.resendIn.replace('{seconds}', '29'), field.againIn(spellSeconds(29, field)))
      all(tryIt.by('SMS'), page.by('SMS'), field.by('SMS'))
      all(tryIt.notArrived, page.notArrived)
      all(tryIt.refusals.recipient_disabled, page.refusals['recipient_disabled'], field.disabled)
      all(tryIt.refusals.send_limit_reached, page.refusals['send_limit_reached'])
      all(tryIt.refusals.recipient_budget_spent, page.refusals['recipient_budget_spent'])
      all(page.refusals['channel_unavailable'], field.unavailable)
      for (const status of ['canceled', 'expired', 'blocked'] as const) all(tryIt.ended[status], page.ended[status][0])
    })
})
