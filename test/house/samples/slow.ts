import { it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

/** For the ratchet's own test: longer than it allows there. */
it('takes its time', () => sleep(1200))
