/**
 * What a key is given: a scope is a set of permissions, put together from what the modules declare. `verify` starts,
 * checks and reads verifications, `chat` writes and reads messages, `read` reads everything, `admin` holds them all.
 */
export const scopes = ['verify', 'chat', 'read', 'admin'] as const
export type Scope = (typeof scopes)[number]

/** The permissions that one module declares, by their words (`module:word`). `admin` holds each and is not named. */
export type Permissions = Readonly<
  Record<
    string,
    {
      /** What it allows, in a few words for the reference. */
      readonly about: string
      readonly scopes: readonly Exclude<Scope, 'admin'>[]
    }
  >
>

/** Who calls a route that takes no key: anybody at all, the operator, or whoever signed the call or its address. */
const keyless = ['anyone', 'operator', 'signed'] as const

export const isKeyless = (permission: string): boolean => (keyless as readonly string[]).includes(permission)

export const mergePermissions = (facts: readonly { readonly permissions?: Permissions }[]): Permissions =>
  Object.assign({}, ...facts.map(({ permissions }) => permissions)) as Permissions

/** Everything that somebody with these scopes may do. */
export const permissionsOf = (declared: Permissions, given: readonly Scope[]): ReadonlySet<string> =>
  new Set(
    Object.entries(declared)
      .filter(([, { scopes: holders }]) => given.some((scope) => scope === 'admin' || holders.includes(scope)))
      .map(([word]) => word),
  )

/** The scopes that hold a permission, for whoever was refused for the lack of it. */
export const scopesWith = (declared: Permissions, permission: string): readonly Scope[] =>
  scopes.filter((scope) => permissionsOf(declared, [scope]).has(permission))
