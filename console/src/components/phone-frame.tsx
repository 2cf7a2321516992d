import { useEffect, useRef, useState } from 'react'
import { useLanguage } from '../text/language.tsx'

/** The simulated phone beside the form; it is told when another number is tried. */
export function PhoneFrame({ url, to }: { url: string; to: string }) {
  const { language, words } = useLanguage()
  const frame = useRef<HTMLIFrameElement>(null)
  // Only the language makes a new page of it: a new number is a message, so that nothing flickers.
  const [firstNumber] = useState(to)
  useEffect(() => {
    frame.current?.contentWindow?.postMessage({ centangPhone: to }, location.origin)
  }, [to])
  return (
    <iframe
      ref={frame}
      id="phone"
      className="phone-frame"
      title={words.phone}
      src={`${url}?embed=1&lang=${language}&to=${encodeURIComponent(firstNumber)}`}
      allow="clipboard-write"
    />
  )
}
