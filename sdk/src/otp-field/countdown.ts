/** Seconds that are left of a wait, by a clock that only goes on: the device's own may be hours off, or be set. */
export class Countdown {
  #until: number | undefined

  /** Undefined: nothing has to be waited for. */
  start(seconds: number | null | undefined): void {
    this.#until = seconds ? performance.now() + seconds * 1000 : undefined
  }

  get secondsLeft(): number {
    return this.#until === undefined ? 0 : Math.max(0, Math.ceil((this.#until - performance.now()) / 1000))
  }
}
