const channel = new BroadcastChannel('centang-autofill')

/** The page that holds the frame, where it comes from another origin: a simulator of its own has another port. */
let holder = location.origin
export const heldBy = (origin: string): void => {
  holder = origin
}

/** Gives the code to the page that waits for it, as WhatsApp gives it to an app: `{to, code}`, to that origin only. */
export function autofill(to: string, code: string): void {
  channel.postMessage({ to, code })
  if (parent !== window) parent.postMessage({ type: 'centang-autofill', to, code }, holder)
}

/** Puts the code on the clipboard; false when every way was refused. To be called in the tap itself. */
export async function copy(code: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(code)
    return true
  } catch {
    // In a frame, without permission or without TLS there is no clipboard API; the old way may still be open.
    return copySelected(code)
  }
}

function copySelected(code: string): boolean {
  const before = document.activeElement
  const field = document.createElement('textarea')
  field.className = 'quiet'
  field.value = code
  document.body.append(field)
  field.select()
  const isCopied = document.execCommand('copy')
  field.remove()
  if (before instanceof HTMLElement) before.focus({ preventScroll: true })
  return isCopied
}
