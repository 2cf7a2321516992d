import { define, integer, oneOf } from '#platform/setting-kit.ts'
import { ruleModes, type RuleMode } from './core/rules.ts'

/** Settings of this module; the reference page is made of these and the other modules'. */
export const guardSettings = {
  guardMode: define<RuleMode>({
    name: 'CENTANG_GUARD',
    about:
      'What the rules against SMS pumping and guessing do where a business has not set them: enforce, record (count and tell, refuse nothing) or off.',
    example: 'enforce',
    read: oneOf(ruleModes),
    absent: 'enforce',
  }),
  sendsPerHour: define({
    name: 'CENTANG_SENDS_PER_HOUR',
    about: 'Live messages that a business may send in an hour of the clock. It may set less for itself.',
    example: '10000',
    read: integer(0, 100_000_000),
    absent: 10_000,
  }),
  sendsPerDay: define({
    name: 'CENTANG_SENDS_PER_DAY',
    about: 'Live messages that a business may send in a day of UTC. It may set less for itself.',
    example: '50000',
    read: integer(0, 100_000_000),
    absent: 50_000,
  }),
} as const
