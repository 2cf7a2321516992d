export interface Repeating {
  /** Lets the work under way finish, and begins none again. */
  stop(): Promise<void>
}

export interface RepeatOptions {
  readonly sleepAfterErrorMs: number
  readonly onError: (error: unknown) => void
}

/**
 * Does work again and again, with as long a sleep in between as it asks for; 0: at once. It sleeps by the process's
 * timers, never by the time of day: a clock that is set changes what is due, not how often anybody looks.
 * @param work is told by the signal that nothing more is wanted of it
 */
export function repeat(work: (signal: AbortSignal) => Promise<number>, options: RepeatOptions): Repeating {
  const stopping = new AbortController()
  const { signal } = stopping

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const sleepMs = await work(signal).catch((error: unknown) => {
        options.onError(error)
        return options.sleepAfterErrorMs
      })
      if (!signal.aborted && sleepMs > 0) await sleepUnlessStopped(sleepMs, signal)
    }
  }

  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}

const sleepUnlessStopped = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', wake)
      resolve()
    }
    const timer = setTimeout(wake, ms)
    signal.addEventListener('abort', wake)
  })
