import { Counter, type Registry } from 'prom-client'
import type { RuleId } from './core/rules.ts'

/** Which rules were broken and what was done about it. Labels are the rules' names: never a number or a business. */
export function measureRules(registry: Registry) {
  const broken = new Counter({
    name: 'centang_guard_total',
    help: 'Messages and checks that broke a rule of the guard.',
    labelNames: ['rule', 'verdict'],
    registers: [registry],
  })
  const alarms = new Counter({
    name: 'centang_guard_wrong_codes_alarms_total',
    help: 'Alarms because of wrong codes over the whole server; at most one an hour.',
    registers: [registry],
  })
  return {
    count: ({ rule, isRefused }: { readonly rule: RuleId; readonly isRefused: boolean }): void =>
      broken.inc({ rule, verdict: isRefused ? 'refused' : 'recorded' }),
    alarm: (): void => alarms.inc(),
  }
}
