import { useEffect, useState } from 'react'

/** Whole seconds that are left of those that the last answer told; by no clock that anybody sets. */
export function useCountdown(seconds: number | null): number {
  const [now, setNow] = useState(() => performance.now())
  const [toldAt, setToldAt] = useState({ seconds, at: now })
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 500)
    return () => clearInterval(timer)
  }, [])
  if (toldAt.seconds !== seconds) setToldAt({ seconds, at: performance.now() })
  return seconds === null ? 0 : Math.max(0, Math.ceil(seconds - (now - toldAt.at) / 1000))
}
