import type { Database } from '#platform/database/database.ts'
import { verificationFacts } from '#verification/module.ts'
import { verificationFactsReader } from '#verification/store/subject-facts.ts'
import type { WebhookFormat, WebhookFormats } from '#webhooks/core/format.ts'
import { standardFormat } from '#webhooks/flows/standard-format.ts'

/** Our own format, of verifications. */
export const standardOf = (database: Database): WebhookFormat =>
  standardFormat(verificationFacts.events, { verification: verificationFactsReader(database) })

/** The same, whatever the kinds of the events are. */
export const anyKind = (database: Database): WebhookFormats =>
  new Map([['standard', { ...standardOf(database), partsOf: () => ['event'] }]])
