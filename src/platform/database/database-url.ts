/** What is wrong with it goes on from `DATABASE_URL`. */
export class DatabaseUrlUnreadable extends Error {}

/** What of a DATABASE_URL the driver does not know, or would send where a pooler refuses it. */
export interface DatabaseUrl {
  /** One URL a host. */
  readonly hosts: readonly string[]
  /** Settings of `options=-c name=value`, for every connection. */
  readonly settings: Readonly<Record<string, string>>
}

/**
 * `postgres://user@a:5432,b/name` names several hosts, as libpq spells it (PostgreSQL docs, §34.1.1.3); the driver knows
 * only one. `target_session_attrs` needs no heeding: we always want the one that writes. `options` is set by us once a
 * connection is there: PgBouncer turns away who brings it along.
 */
export function readDatabaseUrl(connectionString: string): DatabaseUrl {
  const [, scheme, user = '', hosts = '', rest = ''] =
    /^(postgres(?:ql)?:\/\/)([^@/?]*@)?([^/?]*)(.*)$/.exec(connectionString) ?? []
  if (scheme === undefined) return { hosts: [connectionString], settings: {} }
  const [path = '', query = ''] = rest.split('?')
  const parameters = new URLSearchParams(query)
  const settings = readOptions(parameters.get('options') ?? '')
  const isPlain = !hosts.includes(',') && !parameters.has('options') && !parameters.has('sslmode')
  if (isPlain) return { hosts: [connectionString], settings }
  parameters.delete('options')
  parameters.delete('target_session_attrs')
  judgeTls(parameters)
  const tail = parameters.size === 0 ? path : `${path}?${parameters.toString()}`
  return { hosts: hosts.split(',').map((host) => `${scheme}${user}${host}${tail}`), settings }
}

/** `-c name=value` and `--name=value`; a backslash keeps a blank (libpq's `options`). */
function readOptions(options: string): Record<string, string> {
  const words = (options.match(/(?:\\.|\S)+/g) ?? []).map((word) => word.replaceAll(/\\(.)/g, '$1'))
  const settings: Record<string, string> = {}
  for (let index = 0; index < words.length; index++) {
    const word = words[index] === '-c' ? `-c${words[++index] ?? ''}` : (words[index] as string)
    const [, name, value] = /^(?:-c|--)([A-Za-z_][\w.-]*)=(.*)$/s.exec(word) ?? []
    if (name === undefined) throw new DatabaseUrlUnreadable('has options that are not of the form -c name=value')
    settings[name.replaceAll('-', '_').toLowerCase()] = value as string
  }
  return settings
}

const tlsModes = ['disable', 'require', 'verify-ca', 'verify-full', 'no-verify']

/** `sslmode` means what it means to libpq (PostgreSQL docs, §34.19); the driver left alone has meanings of its own. */
function judgeTls(parameters: URLSearchParams): void {
  const mode = parameters.get('sslmode')
  if (mode === null) return
  if (mode === 'allow' || mode === 'prefer') {
    throw new DatabaseUrlUnreadable(
      `has sslmode=${mode}, which leaves it to whoever stands between whether anything is encrypted; say ` +
        'sslmode=verify-full, require or disable',
    )
  }
  if (!tlsModes.includes(mode)) throw new DatabaseUrlUnreadable(`has an sslmode that is none of ${tlsModes.join(', ')}`)
  if (parameters.get('sslrootcert') === 'system') parameters.delete('sslrootcert')
  if (mode === 'verify-ca' && !parameters.has('sslrootcert')) {
    throw new DatabaseUrlUnreadable(
      'has sslmode=verify-ca, which needs the CA to verify with: add sslrootcert=/path/to/ca.pem, or say verify-full',
    )
  }
  if (mode !== 'no-verify') parameters.set('uselibpqcompat', 'true')
}

/** Whether it is encrypted against listeners only: whoever stands between may pretend to be the database. */
export function believesAnyCertificate(connectionString: string): boolean {
  const parameters = new URLSearchParams(connectionString.split('?')[1] ?? '')
  const mode = parameters.get('sslmode')
  return mode === 'no-verify' || (mode === 'require' && !parameters.has('sslrootcert'))
}
