import { guardRefusals } from '#guard/core/refusals.ts'
import type { RuleId } from '#guard/core/rules.ts'

/** The entry that a rule refuses with. */
export const refusalOf: Readonly<Record<RuleId, (typeof guardRefusals)[keyof typeof guardRefusals]>> = {
  country: guardRefusals.country_not_allowed,
  line_type: guardRefusals.line_type_not_allowed,
  recipient_day: guardRefusals.recipient_day_limit_reached,
  unproven_block: guardRefusals.unproven_block_limit_reached,
  unproven_range: guardRefusals.unproven_range_limit_reached,
  unproven_country: guardRefusals.unproven_country_limit_reached,
  unproven_network: guardRefusals.unproven_network_limit_reached,
  unproven_device: guardRefusals.unproven_device_limit_reached,
  elsewhere_block: guardRefusals.elsewhere_block_limit_reached,
  elsewhere_failed: guardRefusals.elsewhere_failed_limit_reached,
  business_hour: guardRefusals.business_hour_limit_reached,
  business_day: guardRefusals.business_day_limit_reached,
  message_recipient: guardRefusals.message_recipient_limit_reached,
  message_sender: guardRefusals.message_sender_limit_reached,
  wrong_codes: guardRefusals.checks_slowed,
}
