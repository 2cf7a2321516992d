import { isIP } from 'node:net'
import { plainUrl } from '#platform/core/host.ts'

/**
 * Whether the demo answers under a Host. Its key is on the page and its simulator needs none, so a foreign web page
 * must not get at it by pointing a name of its own at this machine (DNS rebinding). That takes a name that the public
 * DNS can answer: an address, a name without a dot and one of a zone nobody can register are safe, which is how a
 * demo on a local network (HOST=0.0.0.0) or in a container is reached. Any other name has to be the public URL's.
 */
export function isDemoHost(header: string | undefined, publicUrl: string): boolean {
  // Browsers always send one.
  if (header === undefined) return true
  const url = plainUrl(`http://${header}`)
  if (!url) return false
  const name = url.hostname.replace(/^\[|\]$/g, '')
  return isIP(name) !== 0 || privateName.test(name) || url.hostname === plainUrl(publicUrl)?.hostname
}

/** RFC 6761, RFC 6762 and ICANN's reservation of .internal. */
const privateName = /^(?:[^.]+|.+\.(?:localhost|local|internal))$/

/** Of networks that are not the internet: RFC 1918, RFC 3927, RFC 4193, RFC 4291 and RFC 6598. */
const privateAddress =
  /^(?:10\.|127\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|\[?(?:::1\]?$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:))/i

/**
 * Whether a page that was asked for under a Host may have the demo's key in it. Whoever names no host, or a public
 * address that is not the one the request came in at, did not get there by a link of ours.
 */
export function mayTellKey(
  header: string | undefined,
  { localAddress, publicUrl }: { readonly localAddress: string | undefined; readonly publicUrl: string },
): boolean {
  const host = header === undefined ? undefined : URL.parse(`http://${header}`)?.hostname
  if (host === undefined) return false
  const isAddress = /^\[|^\d+(?:\.\d+){3}$/.test(host)
  if (!isAddress || privateAddress.test(host)) return true
  const bare = (address: string): string => address.replace(/^\[|\]$/g, '').replace(/^::ffff:/i, '')
  return bare(host) === bare(localAddress ?? '') || host === URL.parse(publicUrl)?.hostname
}
