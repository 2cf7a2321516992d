export interface Repeating {
  /** Lets the work under way finish, and begins none again. */
  stop(): Promise<void>
}

export interface RepeatOptions {
  readonly sleepAfterErrorMs: number
  readonly onError: (error: unknown) => void
}

/** Milliseconds until the work is looked at again; 0: at once. It wakes early when what it may wait for has come. */
export type Sleep = number | { readonly ms: number; readonly orUntil: Promise<unknown> }

/**
 * Does work again and again, with as long a sleep in between as it asks for. It sleeps by the process's timers, never
 * by the time of day: a clock that is set changes what is due, not how often anybody looks.
 * @param work is told by the signal that nothing more is wanted of it
 */
export function repeat(work: (signal: AbortSignal) => Promise<Sleep>, options: RepeatOptions): Repeating {
  const stopping = new AbortController()
  const { signal } = stopping

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const sleep = await (async () => work(signal))().catch((error: unknown): Sleep => {
        options.onError(error)
        return options.sleepAfterErrorMs
      })
      if (!signal.aborted && sleep !== 0) await sleepUnlessStopped(sleep, signal)
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

const sleepUnlessStopped = (sleep: Sleep, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', wake)
      resolve()
    }
    const timer = setTimeout(wake, typeof sleep === 'number' ? sleep : sleep.ms)
    signal.addEventListener('abort', wake)
    if (typeof sleep !== 'number') sleep.orUntil.then(wake, wake)
  })
