/** What the driver, TLS or PostgreSQL throw. */
interface Fault {
  readonly code?: unknown
  readonly message: string
  readonly path?: unknown
  readonly cause?: unknown
}

interface Explained {
  readonly text: string
  /** Nobody answered, or it would not talk to us at all. */
  readonly isAway: boolean
}

/**
 * Why the database can't be used, with the line of SQL or the setting that mends it; undefined for what is no such
 * fault.
 * @param databaseUrl names the user in the SQL; nothing else of it is told
 */
export function explainDatabase(error: unknown, databaseUrl = ''): Explained | undefined {
  const fault = error as Fault
  const user = quoteName(userOf(databaseUrl))
  const rights = explainRights(fault, user)
  if (rights !== undefined) return { text: rights, isAway: false }
  const refused = explainTls(fault) ?? explainFile(fault, databaseUrl) ?? explainLogin(fault, user)
  if (refused !== undefined) return { text: refused, isAway: true }
  const { cause } = fault
  return cause instanceof Error ? explainDatabase(cause, databaseUrl) : undefined
}

const userOf = (databaseUrl: string): string => {
  const name = /^\w+:\/\/([^:@/?]*)[^/?]*@/.exec(databaseUrl)?.[1] ?? ''
  return name === '' ? '<user>' : decodeURIComponent(name)
}

/** As SQL spells a name. */
const quoteName = (name: string): string =>
  /^[a-z_][a-z0-9_$]*$/.test(name) || name === '<user>' ? name : `"${name.replaceAll('"', '""')}"`

function explainRights({ code, message }: Fault, user: string): string | undefined {
  // What a migration says of roles names its line itself.
  if (/database administrator/.test(message)) return undefined
  const own = `a schema of its own: CREATE SCHEMA centang AUTHORIZATION ${user}; and ?options=-csearch_path%3Dcentang at the end of DATABASE_URL`
  const [, named = 'public'] = /schema "?([^"\s]+)"?/.exec(message) ?? []
  const schema = quoteName(named)
  if (code === '42501' && / schema /.test(message))
    return `The user of DATABASE_URL may not make tables in the schema ${schema}. A database administrator has to run once: GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${user}; or give it ${own}.`
  if (code === '3F000')
    return `The schema of the server's tables is not there, or the user of DATABASE_URL may not use it. A database administrator has to run once: GRANT USAGE, CREATE ON SCHEMA public TO ${user}; or give it ${own}.`
  if (code === '42501' && / database /.test(message))
    return `The user of DATABASE_URL may not use this database. A database administrator has to run once: GRANT CONNECT ON DATABASE <name> TO ${user};`
  if (code === '55P03')
    return `Somebody holds a lock on the tables and did not let go of it in time (${message}). Stop what works on this database (select pid, application_name, state, query from pg_stat_activity), and try again.`
  if (code === '25006')
    return `The database takes no writes (${message}): it is a standby, or default_transaction_read_only is on. Name the host that takes them in DATABASE_URL, or both: postgres://user@a,b/name.`
  return undefined
}

const unknownIssuer =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?))$/

function explainTls({ code, message }: Fault): string | undefined {
  if (typeof code === 'string' && unknownIssuer.test(code))
    return `The certificate of the database is of a CA that is not known here (${code}). Name the CA's file in DATABASE_URL: ?sslmode=verify-full&sslrootcert=/path/to/ca.pem. sslmode=require encrypts and believes any certificate.`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `The certificate of the database is for another name than DATABASE_URL has (${message}). Use the name that it is for; sslmode=verify-ca with sslrootcert looks at the CA alone.`
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return `The certificate of the database is not valid today (${code}). Renew it, and look at the clock of this machine.`
  if (/does not support SSL/i.test(message))
    return 'The database takes no encrypted connections, and DATABASE_URL asks for one. Switch ssl on there, or, on a network that you trust, say sslmode=disable.'
  if (/PEM|asn1|no start line/i.test(message) && typeof code === 'string' && code.startsWith('ERR_OSSL'))
    return `A certificate or key that DATABASE_URL names is not in PEM form (${code}): it begins with -----BEGIN.`
  return undefined
}

/** Of the files that it names: sslrootcert, sslcert, sslkey. */
function explainFile({ code, path }: Fault, databaseUrl: string): string | undefined {
  const named = [...new URLSearchParams(databaseUrl.split('?')[1] ?? '').values()]
  return typeof path === 'string' && named.includes(path)
    ? `The file ${path} that DATABASE_URL names can't be read (${String(code)}). The server's user has to be able to.`
    : undefined
}

function explainLogin({ code, message }: Fault, user: string): string | undefined {
  if (code === '28000' && /no encryption|SSL off/i.test(message))
    return `The database takes encrypted connections only (${message}). Add ?sslmode=verify-full to DATABASE_URL, with &sslrootcert=/path/to/ca.pem where the CA is a private one.`
  if (code === '28000')
    return `The database refuses: ${message}. Its pg_hba.conf has no line that lets ${user} in from here, or the user may not log in (ALTER ROLE ${user} LOGIN). Check DATABASE_URL.`
  if (code === '28P01')
    return `The database refuses: ${message}. The password in DATABASE_URL is not the one of this user; characters as @ : / ? # stand in it as %40 %3A %2F %3F %23.`
  if (code === '3D000')
    return `The database refuses: ${message}. Check DATABASE_URL, or make it: CREATE DATABASE <name> OWNER ${user};`
  if (code === '53300')
    return `The database has no connection left (${message}). Each server takes CENTANG_DATABASE_POOL_SIZE and a few more: lower it, raise max_connections, or put a pooler in front.`
  if (code === '08P01' && /unsupported startup parameter/.test(message))
    return `The pooler refuses: ${message}. Take it out of DATABASE_URL and PGOPTIONS, or list it in ignore_startup_parameters.`
  return undefined
}
