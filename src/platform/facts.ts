import { platformPermissions } from './core/permissions.ts'
import { platformRefusals } from './core/refusals.ts'
import { eraseAnswers } from './http/erase-answers.ts'
import { rotatePeople } from './keys/people.ts'
import type { ModuleFacts } from './module.ts'

/** The platform's own part of every catalogue. */
export const platformFacts = {
  name: 'platform',
  refusals: platformRefusals,
  permissions: platformPermissions,
  sealed: [{ name: 'keys of people', rotate: rotatePeople }],
  personal: [
    {
      name: 'answers',
      // They hold nothing that is not elsewhere, for a day.
      export: async () => [],
      // All in one step: what was looked into and is of somebody else would be looked into again.
      erase: (takes, person, limit) => eraseAnswers(takes, person).then((rows) => Math.min(rows, limit - 1)),
    },
  ],
} as const satisfies ModuleFacts
