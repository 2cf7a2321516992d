import { define, httpUrl, oneOf, onOff, Unreadable } from '#platform/setting-kit.ts'

const testKey = (value: string): string => {
  if (!/^ck_test_[A-Za-z0-9_-]{8,200}$/.test(value))
    throw new Unreadable('must be a test key, ck_test_… with 8 characters or more')
  return value
}

/** Settings of this module; the reference page is made of these and the other modules'. */
export const demoSettings = {
  demoKey: define<string | undefined>({
    name: 'CENTANG_DEMO_KEY',
    about: "The demo application's key, for scripts.",
    example: 'ck_test_my_own_demo_key',
    isSecret: true,
    read: testKey,
    absent: undefined,
  }),
  demoOnNetwork: define({
    name: 'CENTANG_DEMO_ON_NETWORK',
    about:
      'Lets the demo listen beyond this machine (HOST): whoever reaches it then has its key. Without it such a demo does not start.',
    example: 'off',
    read: onOff,
    absent: false,
  }),
  simulator: define<'auto' | 'on' | 'off'>({
    name: 'CENTANG_SIMULATOR',
    about:
      'The simulated world under /simulator, for test keys. auto: in the demo only. Elsewhere it asks for a test key or the operator key, and is one world for all who have one.',
    example: 'auto',
    read: oneOf(['auto', 'on', 'off']),
    absent: 'auto',
  }),
  console: define<'auto' | 'on' | 'off'>({
    name: 'CENTANG_CONSOLE',
    about:
      'The console under /, with the page to try it. auto: in the demo and beside the simulator. Elsewhere / says nothing.',
    example: 'auto',
    read: oneOf(['auto', 'on', 'off']),
    absent: 'auto',
  }),
  simulatorUrl: define<string | undefined>({
    name: 'CENTANG_SIMULATOR_URL',
    about: 'A simulator that runs as a process of its own.',
    example: 'http://127.0.0.1:3001/simulator',
    read: httpUrl,
    absent: undefined,
  }),
} as const
