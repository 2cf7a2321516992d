import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useWords } from '../../../kit/text.ts'
import { verificationTexts } from '../../text/texts.ts'

/** The simulator may run as a server of its own. */
export const originOf = (phoneUrl: string | null): string => new URL(phoneUrl ?? '/', location.href).origin

/** The simulated phone beside the form; it is told when another number is tried. */
export function PhoneFrame({ url, to }: { url: string; to: string }) {
  const { language, words } = useWords(verificationTexts)
  const frame = useRef<HTMLIFrameElement>(null)
  // Only the language makes a new page of it: a new number is a message, so that nothing flickers.
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false })
  const [first] = useState({ to, scheme })
  useEffect(() => {
    const origin = originOf(url)
    const post = (): void =>
      frame.current?.contentWindow?.postMessage({ centangPhone: to, centangScheme: scheme }, origin)
    // A phone that was still loading has missed what it was told; it says when it listens.
    const onReady = (event: MessageEvent<{ centangPhoneReady?: boolean } | null>): void => {
      if (event.origin === origin && event.data?.centangPhoneReady === true) post()
    }
    addEventListener('message', onReady)
    post()
    return () => removeEventListener('message', onReady)
  }, [url, to, scheme])
  return (
    <iframe
      ref={frame}
      className="phone-frame"
      title={words.phone}
      src={`${url}?embed=1&lang=${language}&scheme=${first.scheme}&to=${encodeURIComponent(first.to)}`}
      style={{ colorScheme: scheme }}
      allow="clipboard-write"
    />
  )
}
