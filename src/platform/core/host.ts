/**
 * The name of a host as guards compare it: `example.com.` (fully qualified, with the dot of the root) is `example.com`,
 * to the DNS, to a browser and to us.
 */
export const plainHost = (host: string): string => host.toLowerCase().replace(/\.+(?=$|:\d+$)/, '')

/** A URL whose host is plain; an address that only the dots kept from being one is read as one. */
export function plainUrl(text: string): URL | undefined {
  const url = URL.parse(text)
  if (!url) return undefined
  const plain = plainHost(url.hostname)
  // A host of nothing but dots is left: no guard takes it for anything.
  if (plain !== '' && plain !== url.hostname) url.hostname = plain
  return url
}

export const plainOrigin = (url: string): string | undefined => plainUrl(url)?.origin

/** A name or an address and nothing else: a star, a semicolon or a quote would say more in a header. */
export const isPlainHost = (hostname: string): boolean =>
  /^(?:\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)$/.test(plainHost(hostname))
