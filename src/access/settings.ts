import { define, longSecret } from '#platform/setting-kit.ts'

/** Settings of this module; the reference page is made of these and the other modules'. */
export const accessSettings = {
  operatorKey: define<string | undefined>({
    name: 'CENTANG_OPERATOR_KEY',
    about: 'Key of the operator, who makes businesses.',
    example: 'a long random text',
    isSecret: true,
    read: longSecret,
    absent: undefined,
  }),
} as const
