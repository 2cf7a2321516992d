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
} as const
