import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client'

export const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What an operator watches; each module adds its own. Labels are few and bounded: never a recipient, a business or an id. */
export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'centang_http_seconds',
    help: 'HTTP requests.',
    labelNames: ['method', 'route', 'status'],
    buckets: secondsBuckets,
    registers: [registry],
  })
  const forgotten = new Counter({
    name: 'centang_forgotten_rows_total',
    help: 'Rows forgotten because their time was over, by class of data.',
    labelNames: ['data'],
    registers: [registry],
  })
  return {
    registry,
    onForgotten: (data: string, rows: number): void => forgotten.inc({ data }, rows),
    onRequest(method: string, route: string, status: number, seconds: number): void {
      requests.observe({ method, route, status: String(status) }, seconds)
    },
  }
}
