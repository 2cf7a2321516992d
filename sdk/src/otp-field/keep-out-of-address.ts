/**
 * A form without a method is sent by going to an address that has its fields in it, and a code there is in the history, in
 * logs and in what the next page is told. So such a form is not sent while a code is in it. The page's own listeners have
 * been asked by then, and what they do is done.
 *
 * @param unhandled the page has no listener that took the form's submission into its hands
 */
export function keepOutOfAddress(formOf: () => HTMLFormElement | null, unhandled: () => void): () => void {
  const onSubmit = (event: SubmitEvent): void => {
    const form = formOf()
    if (event.defaultPrevented || form === null || event.target !== form) return
    const { submitter } = event
    const method = submitter?.getAttribute('formmethod') ?? form.getAttribute('method') ?? 'get'
    if (method.toLowerCase() === 'post') return
    event.preventDefault()
    unhandled()
  }
  // The last to hear of it.
  addEventListener('submit', onSubmit)
  return () => removeEventListener('submit', onSubmit)
}
