/** Where this server is reached. Its own address is known once it listens. */
export interface Addresses {
  /** On this machine; undefined until it listens. */
  readonly own: () => string | undefined
  /** The simulated world's, where there is one. */
  readonly simulator: () => string | undefined
  /** How the internet reaches it. */
  readonly public: () => string
  /** What stands before every path there, as `/otp`; empty where the address is a host and no more. */
  readonly basePath: string
  readonly listensAt: (url: string) => void
  readonly simulatorIsAt: (url: string) => void
}

export function createAddresses({
  host,
  port,
  publicUrl,
}: {
  readonly host: string
  readonly port: number
  readonly publicUrl: string | undefined
}): Addresses {
  let own: string | undefined
  let simulator: string | undefined
  return {
    own: () => own,
    simulator: () => simulator,
    basePath: new URL(publicUrl ?? localUrl(host, port)).pathname.replace(/\/$/, ''),
    public: () => publicUrl ?? own ?? localUrl(host, port),
    listensAt: (url) => (own = url),
    simulatorIsAt: (url) => (simulator = url),
  }
}

/** The address that is reached from this machine. */
export const localUrl = (host: string, port: number): string =>
  `http://${['0.0.0.0', '::', ''].includes(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}:${port}`
