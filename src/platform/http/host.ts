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
