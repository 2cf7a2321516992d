import { readFileSync } from 'node:fs'
import { planTables } from '../house/plan.ts'
import { refusals } from './refusals.ts'
import { settings } from '#cli/config.ts'
import { measureRules } from '#guard/metrics.ts'
import { countNewsFailures, countSenderAlerts, measureSends } from '#messaging/metrics.ts'
import { createMetrics } from '#platform/metrics.ts'
import type { Engine } from '#verification/core/engine.ts'
import { measureEngine } from '#verification/metrics.ts'

/** Pages that are made from the source, so that they cannot say anything else than it does. */
export const documents: Readonly<Record<string, () => string>> = {
  'docs/reference/errors.md': errorsPage,
  'docs/reference/configuration.md': configurationPage,
  'docs/reference/metrics.md': metricsPage,
  '.env.example': environmentExample,
  'ARCHITECTURE.md': () => withSection(read('ARCHITECTURE.md'), 'plan', planTables()),
}

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

/** A page that is written by hand but for what stands between two comments. */
function withSection(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}: made by \`UPDATE=1 npm test\` -->`, `<!-- end of ${name} -->`]
  const [before, rest] = page.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`The page has no section ${name}.`)
  return `${before}${begin}\n\n${text}\n\n${end}${after}`
}

const note = '<!-- Made from the source by `UPDATE=1 npm test`; edit the source. -->'

function errorsPage(): string {
  const rows = Object.entries(refusals)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(
      ([code, entry]) =>
        `| \`${code}\` | ${entry.status} | ${entry.title} | ${entry.remedy} | ${'rule' in entry ? `\`${entry.rule}\`` : ''} |`,
    )
  return `${note}

# Refusals

Every answer that is not 2xx is \`application/problem+json\` (RFC 9457) and carries one of these codes. \`request_id\` finds
the request in the log; \`Retry-After\` says when the same request may succeed.

| Code | Status | What it means | What to do | Rule |
|---|---|---|---|---|
${rows.join('\n')}
`
}

interface Metric {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly labelNames: readonly string[]
}

/** Metrics of ours, as each module registers them. */
export function ownMetrics(): readonly Metric[] {
  const { registry } = createMetrics()
  measureSends(registry)
  countSenderAlerts(registry)
  countNewsFailures(registry)
  measureEngine(registry, {} as Engine, () => 0)
  measureRules(registry)
  return (registry.getMetricsAsArray() as unknown as Metric[])
    .filter(({ name }) => name.startsWith('centang_'))
    .toSorted((a, b) => a.name.localeCompare(b.name))
}

function metricsPage(): string {
  const rows = ownMetrics().map(
    ({ name, type, help, labelNames }) =>
      `| \`${name}\` | ${type} | ${labelNames.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  )
  return `${note}

# Metrics

What \`/metrics\` tells Prometheus, besides what every Node process does (\`process_…\`, \`nodejs_…\`). A histogram has
\`_bucket\`, \`_sum\` and \`_count\`. No label holds a number, a business or an id. Which of them to look at, and when to be
woken: [monitoring](../guides/monitoring.md).

| Metric | Type | Labels | What it counts |
|---|---|---|---|
${rows.join('\n')}
`
}

interface Described {
  readonly name: string
  readonly about: string
  readonly example: string
  readonly isSecret?: boolean
  readonly absent: unknown
}

const described = Object.values(settings) as readonly Described[]

const defaultOf = ({ absent }: Described): string =>
  absent === undefined || (Array.isArray(absent) && absent.length === 0)
    ? ''
    : absent === true
      ? 'on'
      : absent === false
        ? 'off'
        : String(absent)

function configurationPage(): string {
  const rows = described.map(
    (one) =>
      `| \`${one.name}\` | ${one.about} | ${defaultOf(one) === '' ? '–' : `\`${defaultOf(one)}\``} | \`${one.example}\` |`,
  )
  return `${note}

# Configuration

Everything is set by the environment, or by a file \`.env\` in the folder of the clone: copy
[\`.env.example\`](../../.env.example) and take away the \`#\` before what you set. \`npm start\` and \`npx centang …\` read it when
they are run in that folder; what the environment says itself goes before it. Secrets (${described
    .filter(({ isSecret }) => isSecret)
    .map(({ name }) => `\`${name}\``)
    .join(', ')}) may also be
given as a file: \`NAME_FILE=/run/secrets/name\`. What is wrong is told at the start, all of it at once.

| Variable | What it does | Default | Example |
|---|---|---|---|
${rows.join('\n')}
`
}

function environmentExample(): string {
  const lines = described.map(
    (one) => `# ${one.about}\n#${one.name}=${defaultOf(one) === '' ? one.example : defaultOf(one)}`,
  )
  return `# Copy this file to .env and take away the # before what you set. \`npm start\` and \`npx centang …\` read .env when they are
# run in this folder; what the environment says itself goes before it.

${lines.join('\n\n')}
`
}
