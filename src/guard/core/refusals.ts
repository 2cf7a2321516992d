import { defineRefusals } from '#platform/core/refusal.ts'

/** How a rule is set differently, at the end of what else may be done. */
const settable = 'with `PUT /v1/guard/policy`'

/** What the guard refuses, an entry a rule. */
export const guardRefusals = defineRefusals({
  country_not_allowed: {
    status: 403,
    title: 'Codes of this application do not go to that country.',
    remedy:
      'If people there are yours, add the country to `countries` ' +
      `${settable}; as long as none are named, they are those of the numbers that you send from.`,
    rule: 'guard.country',
    against: 'destination',
  },
  line_type_not_allowed: {
    status: 403,
    title: 'This kind of number is not sent an SMS or called: its owner may earn with it, or it is a fixed line.',
    remedy: `Ask the person for a mobile number, or use another channel. The rule is set ${settable}.`,
    rule: 'guard.line_type',
    against: 'destination',
  },
  recipient_day_limit_reached: {
    status: 429,
    title: 'This person has been sent as many codes in 24 hours as are allowed, over all purposes and channels.',
    remedy: `Send again after \`Retry-After\` seconds. The limit is set ${settable}.`,
    rule: 'guard.recipient_day',
  },
  unproven_block_limit_reached: {
    status: 429,
    title: 'Too many codes to neighbouring numbers were never entered, as when somebody earns with messages.',
    remedy:
      'Codes that are entered and checked here make room; else send after `Retry-After` seconds. The limit is set ' +
      `${settable}.`,
    rule: 'guard.unproven_block',
    against: 'fraud',
  },
  unproven_range_limit_reached: {
    status: 429,
    title: 'Too many codes to this range of numbers were never entered, as when somebody earns with messages.',
    remedy:
      'Codes that are entered and checked here make room; else send after `Retry-After` seconds. The limit is set ' +
      `${settable}.`,
    rule: 'guard.unproven_range',
    against: 'fraud',
  },
  unproven_country_limit_reached: {
    status: 429,
    title: 'Too many codes to this country were never entered, as when somebody earns with messages.',
    remedy:
      'Codes that are entered and checked here make room; else send after `Retry-After` seconds. Name your countries ' +
      `and set the limit ${settable}.`,
    rule: 'guard.unproven_country',
    against: 'fraud',
  },
  unproven_network_limit_reached: {
    status: 429,
    title: 'Too many codes that were asked for from this network (`client.ip`) were never entered.',
    remedy:
      'Codes that are entered and checked here make room; else send after `Retry-After` seconds. Make sure that ' +
      `\`client.ip\` is the person's address and not that of your proxy. The limit is set ${settable}.`,
    rule: 'guard.unproven_network',
    against: 'fraud',
  },
  unproven_device_limit_reached: {
    status: 429,
    title: 'Too many codes that were asked for from this device (`client.device_id`) were never entered.',
    remedy:
      'Codes that are entered and checked here make room; else send after `Retry-After` seconds. The limit is set ' +
      `${settable}.`,
    rule: 'guard.unproven_device',
    against: 'fraud',
  },
  elsewhere_block_limit_reached: {
    status: 429,
    title: 'Too many codes that are checked elsewhere went to neighbouring numbers.',
    remedy: `Send again after \`Retry-After\` seconds. The limit is set ${settable}.`,
    rule: 'guard.elsewhere_block',
    against: 'fraud',
  },
  elsewhere_failed_limit_reached: {
    status: 429,
    title: 'Too many codes that are checked elsewhere did not arrive in this country.',
    remedy: `Look at why deliveries fail; send again after \`Retry-After\` seconds. The limit is set ${settable}.`,
    rule: 'guard.elsewhere_failed',
    against: 'fraud',
  },
  business_hour_limit_reached: {
    status: 429,
    title: 'The business has sent as many messages this hour as it may.',
    remedy: `Send again after \`Retry-After\` seconds. The limit is set ${settable}; the operator has one above it.`,
    rule: 'guard.business_hour',
  },
  business_day_limit_reached: {
    status: 429,
    title: 'The business has sent as many messages today (UTC) as it may.',
    remedy: `Send again after \`Retry-After\` seconds. The limit is set ${settable}; the operator has one above it.`,
    rule: 'guard.business_day',
  },
  message_recipient_limit_reached: {
    status: 429,
    title: 'This person has been sent as many messages as are allowed for now.',
    remedy: `Send again after \`Retry-After\` seconds. The limit is set ${settable}.`,
    rule: 'guard.message_recipient',
  },
  message_sender_limit_reached: {
    status: 429,
    title: 'This sender has sent as many messages this hour as it may.',
    remedy: `Send again after \`Retry-After\` seconds. The limit is set ${settable}.`,
    rule: 'guard.message_sender',
  },
  checks_slowed: {
    status: 429,
    title: 'So many wrong codes came in for this business that its checks are slowed down. Nothing was compared.',
    remedy:
      'Repeat the check after `Retry-After` seconds; it has cost none of those that the person has. Look for somebody ' +
      `who guesses codes of many people. The limit is set ${settable}.`,
    rule: 'guard.wrong_codes',
  },
})
