import { useEffect, useEffectEvent } from 'react'

interface Filled {
  readonly to: string
  readonly code: string
}

/** Takes the code that the phone hands over: from another tab of this origin, or from the frame beside the form. */
export function useAutofill(phoneOrigin: string, to: string, fill: (code: string) => void): void {
  const take = useEffectEvent((filled: Filled): void => {
    if (filled.to === to) fill(filled.code)
  })
  useEffect(() => {
    const tab = new BroadcastChannel('centang-autofill')
    tab.addEventListener('message', (event: MessageEvent<Filled>) => take(event.data))
    const onMessage = (event: MessageEvent<(Filled & { type?: string }) | null>): void => {
      if (event.origin === phoneOrigin && event.data?.type === 'centang-autofill') take(event.data)
    }
    addEventListener('message', onMessage)
    return () => {
      tab.close()
      removeEventListener('message', onMessage)
    }
  }, [phoneOrigin])
}
