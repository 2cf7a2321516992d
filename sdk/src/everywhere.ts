/** What not every place has that JavaScript runs in: React Native above all, pages that came over plain HTTP, old browsers. */

/** `signal.throwIfAborted()`, and `signal.reason` where there is one. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw reasonOf(signal)
}

function reasonOf({ reason }: AbortSignal): unknown {
  if (reason !== undefined) return reason
  const error = new Error('This call was aborted.')
  error.name = 'AbortError'
  return error
}

export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  throwIfAborted(signal)
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal && reasonOf(signal))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}

/**
 * 128 bits in hex; `crypto.randomUUID` is missing on pages that came over plain HTTP. React Native has no `crypto` at all:
 * a key has to be another one each time and need not be a secret.
 */
export function randomKey(): string {
  const bytes = new Uint8Array(16)
  if (typeof globalThis.crypto?.getRandomValues === 'function') globalThis.crypto.getRandomValues(bytes)
  else for (let n = 0; n < bytes.length; n++) bytes[n] = Math.floor(Math.random() * 256)
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** `a=1&b=2`; React Native's `URLSearchParams` is half of one. */
export const spellQuery = (query: object): string =>
  Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&')
