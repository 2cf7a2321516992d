/** Names and addresses of this machine that nobody else's machine reaches. */
const loopback = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i

export const isLoopback = (host: string): boolean => loopback.test(host.replace(/\.$/, ''))

/** What whoever starts a demo for a whole network is asked to say; undefined: it may begin. */
export const openDemoProblem = (host: string, isMeant: boolean): string | undefined =>
  isMeant || isLoopback(host)
    ? undefined
    : `The demo gives its key to whoever opens its page, and HOST=${host} lets the whole network open it. ` +
      'Set CENTANG_DEMO_ON_NETWORK=on if that is meant, HOST=127.0.0.1 to keep it on this machine, or ' +
      'NODE_ENV=production with CENTANG_MASTER_KEY for a server that is no demo.'
