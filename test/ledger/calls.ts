import { randomUUID } from 'node:crypto'
import type { Answer, Server } from '../kit/api.ts'

/** Opens an account by the API. */
export async function openAccount(server: Pick<Server, 'call'>, change: object = {}) {
  const made = await server.call('POST', '/v1/ledger/accounts', { kind: 'suspense', currency: 'BRL', ...change })
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  return made.body
}

export const postTransfers = (
  server: Pick<Server, 'call'>,
  transfers: readonly unknown[],
  key: string = randomUUID(),
  headers: Record<string, string> = {},
): Promise<Answer> => server.call('POST', '/v1/ledger/transfers', { transfers }, { 'idempotency-key': key, ...headers })

export const accountIdOf = (uuid: string): string => `acc_${uuid.replaceAll('-', '')}`
