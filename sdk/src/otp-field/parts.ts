/** Of what the field consists, in the order in which it is shown. */
export interface Parts {
  readonly label: HTMLLabelElement
  readonly hint: HTMLElement
  readonly input: HTMLInputElement
  readonly error: HTMLElement
  readonly status: HTMLElement
  readonly actions: HTMLElement
  readonly again: HTMLButtonElement
}

export function createParts(): Parts {
  return {
    label: make('label', { part: 'label', for: 'code' }),
    hint: make('p', { part: 'hint', id: 'hint' }),
    // No `maxlength`: it would cut a pasted "123 456" to "123 45".
    input: make('input', {
      part: 'input',
      id: 'code',
      type: 'text',
      inputmode: 'numeric',
      autocomplete: 'one-time-code',
      enterkeyhint: 'done',
      autocapitalize: 'off',
      spellcheck: 'false',
      dir: 'ltr',
      translate: 'no',
      'aria-describedby': 'hint error',
    }),
    error: make('p', { part: 'error', id: 'error', role: 'alert' }),
    status: make('p', { part: 'status', id: 'status', role: 'status' }),
    actions: make('div', { part: 'actions' }),
    again: make('button', { part: 'button resend', type: 'button' }),
  }
}

export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string>,
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  return element
}

/** The same text again would be read aloud again. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
