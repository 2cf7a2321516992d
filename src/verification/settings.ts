import { define, integer, onOff } from '#platform/setting-kit.ts'

/** Settings of this module; the reference page is made of these and the other modules'. */
export const verificationSettings = {
  laneCount: define({
    name: 'CENTANG_DATABASE_LANES',
    about: 'Connections for the bound statements. One carries them; the others help when it has to wait.',
    example: '2',
    read: integer(1, 16),
    absent: 2,
  }),
  bindRequests: define({
    name: 'CENTANG_BIND_REQUESTS',
    about: 'Bind requests of the same moment into one statement.',
    example: 'on',
    read: onOff,
    absent: true,
  }),
  keepVerificationsDays: define({
    name: 'CENTANG_KEEP_VERIFICATIONS_DAYS',
    about: 'Days that verifications and their deliveries are kept, at least; a quarter more at most.',
    example: '90',
    read: integer(4, 3650),
    absent: 90,
  }),
  keepReceiptsDays: define({
    name: 'CENTANG_KEEP_RECEIPTS_DAYS',
    about: 'Days that receipts are kept as the provider wrote them, at least; a quarter more at most.',
    example: '7',
    read: integer(1, 3650),
    absent: 7,
  }),
  keepBudgetsDays: define({
    name: 'CENTANG_KEEP_BUDGETS_DAYS',
    about: 'Days after the last wrong code until it is forgotten that a person gave any; a hundred in a row never are.',
    example: '365',
    read: integer(2, 3650),
    absent: 365,
  }),
} as const
