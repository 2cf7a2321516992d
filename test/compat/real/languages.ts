import { execFileSync } from 'node:child_process'

interface Language {
  readonly sdk: string
  /** With the folder of the SDK's source; empty where it is installed. */
  readonly command: (sdk: string) => readonly string[]
  readonly runtime: () => string
}

const told =
  (program: string, ...rest: string[]) =>
  (): string => {
    try {
      return (
        execFileSync(program, rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).split('\n')[0] ?? ''
      ).trim()
    } catch {
      return `${program} is not there`
    }
  }

type Running = Omit<Language, 'sdk'>

const python = (script: string): Running => ({
  command: (sdk) => ['env', `PYTHONPATH=${sdk}`, 'python3', script],
  runtime: told('python3', '--version'),
})

const ruby = (script: string): Running => ({
  command: (folders) => [
    'ruby',
    ...folders
      .split(':')
      .filter(Boolean)
      .flatMap((one) => ['-I', one]),
    script,
  ],
  runtime: told('ruby', '--version'),
})

const java = (script: string): Running => ({
  command: (classpath) => ['java', '-cp', classpath, script],
  runtime: told('java', '--version'),
})

/** Each package with the version that was judged, and how its script is run. */
export const languages: Readonly<Record<string, Language>> = {
  'twilio-python': {
    sdk: 'twilio-python 9.11.0',
    ...python('twilio-python.py'),
  },
  'twilio-ruby': {
    sdk: 'twilio-ruby 7.11.1',
    ...ruby('twilio-ruby.rb'),
  },
  'twilio-php': {
    sdk: 'twilio-php 8.12.0',
    command: (sdk) => ['php', 'twilio-php.php', sdk],
    runtime: told('php', '--version'),
  },
  'twilio-go': {
    sdk: 'twilio-go 1.30.9',
    command: (sdk) => ['sh', 'twilio-go.sh', sdk],
    runtime: told('go', 'version'),
  },
  'twilio-java': {
    sdk: 'twilio-java 12.0.0',
    ...java('twilio-java.java'),
  },
  'vonage-python': {
    sdk: 'vonage 4.7.2',
    ...python('vonage-python.py'),
  },
  'vonage-ruby': {
    sdk: 'vonage-ruby 7.35.0',
    ...ruby('vonage-ruby.rb'),
  },
  'vonage-java': {
    sdk: 'vonage-java-sdk 9.13.0',
    ...java('vonage-java.java'),
  },
}
