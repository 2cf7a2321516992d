import pg from 'pg'

/**
 * `kept`: a connection is one session of PostgreSQL for as long as it lasts. `pooled`: a pooler in transaction mode sits
 * in front and hands each transaction to whichever session is free, so settings, locks and prepared statements last a
 * transaction.
 */
export type Sessions = 'kept' | 'pooled'

/**
 * What would change the meaning of a statement or of an answer, set to one value in every session, whatever the database,
 * the role or the configuration file say. Not what is the operator's to decide: durability, memory, replication.
 */
const meaning = {
  search_path: 'public',
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  standard_conforming_strings: 'on',
  array_nulls: 'on',
  transform_null_equals: 'off',
  row_security: 'on',
  default_transaction_isolation: 'read committed',
} as const

export type SessionSettings = Readonly<Record<string, string | number>>

/** @param named what DATABASE_URL names: the operator's word; `more` is what the connection is for, and wins */
export const sessionSettings = (named: SessionSettings, more: SessionSettings = {}): SessionSettings => ({
  ...meaning,
  ...named,
  ...more,
})

/** One statement that sets them: for as long as the session lasts, or the transaction. */
export const setSession = (settings: SessionSettings, lasts: 'session' | 'transaction'): string =>
  `select ${Object.entries(settings)
    .map(
      ([name, value]) =>
        `set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(String(value))}, ${lasts === 'transaction'})`,
    )
    .join(', ')}`
