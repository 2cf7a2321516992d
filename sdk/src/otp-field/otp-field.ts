import type { Channel } from '../api-types.ts'
import { asciiDigits, findCode, onlyDigits } from './digits.ts'
import { faultText, isOver, type Outcome } from './outcome.ts'
import { receiveCode } from './receive-code.ts'
import { styles } from './styles.ts'
import { channelName, spellSeconds, type Texts, textsFor } from './texts.ts'

export type { Outcome } from './outcome.ts'

export interface OtpFieldEvents {
  /** All digits are there; once for each code. */
  readonly complete: CustomEvent<{ readonly code: string }>
  /** The person wants the code again; `isOver`: the old one is dead, so start anew. */
  readonly resend: CustomEvent<{ readonly isOver: boolean }>
  /** The person wants it another way. */
  readonly channel: CustomEvent<{ readonly channel: Channel; readonly isOver: boolean }>
}

// A server that renders pages may import this file; there it is nothing.
const Base: typeof HTMLElement = globalThis.HTMLElement ?? (Object as unknown as typeof HTMLElement)

/**
 * `<otp-field>`: one field for a code, with everything around it.
 *
 * Attributes: `name`, `length` (6), `lang`, `label`, `required`, `disabled`, `busy`, `channels` (others to offer, for
 * example `"sms voice"`), `resend-after` (ISO 8601).
 */
export class OtpField extends Base {
  static readonly formAssociated = true
  static readonly observedAttributes: readonly string[] = [
    'length',
    'lang',
    'label',
    'required',
    'disabled',
    'busy',
    'channels',
    'resend-after',
  ]

  readonly #internals: ElementInternals
  readonly #label: HTMLLabelElement
  readonly #hint: HTMLElement
  readonly #input: HTMLInputElement
  readonly #error: HTMLElement
  readonly #status: HTMLElement
  readonly #actions: HTMLElement
  readonly #again: HTMLButtonElement
  #texts: Texts = textsFor('en').texts
  #outcome: Outcome = {}
  #isIncomplete = false
  #completed = ''
  #isDisabledByForm = false
  #ticking: ReturnType<typeof setInterval> | undefined
  #receiving: AbortController | undefined

  constructor() {
    super()
    this.#internals = this.attachInternals()
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true })
    // Neither a style element nor inner HTML: both may be forbidden by the page's security policy.
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(styles)
    root.adoptedStyleSheets = [sheet]
    this.#label = make('label', { part: 'label', for: 'code' })
    this.#hint = make('p', { part: 'hint', id: 'hint' })
    // No `maxlength`: it would cut a pasted "123 456" to "123 45".
    this.#input = make('input', {
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
    })
    this.#error = make('p', { part: 'error', id: 'error', role: 'alert' })
    this.#status = make('p', { part: 'status', id: 'status', role: 'status' })
    this.#actions = make('div', { part: 'actions' })
    this.#again = make('button', { part: 'button resend', type: 'button' })
    root.append(this.#label, this.#hint, this.#input, this.#error, this.#status, this.#actions)
    this.#input.addEventListener('input', () => this.#onInput())
    this.#input.addEventListener('paste', (event) => this.#onPaste(event))
    this.#input.addEventListener('keydown', (event) => event.key === 'Enter' && this.#onEnter(event))
    this.#actions.addEventListener('click', (event) => this.#onAction(event.target as HTMLElement))
  }

  /** The digits so far. */
  get value(): string {
    return this.#input.value
  }

  set value(text: string) {
    this.#input.value = onlyDigits(text).slice(0, this.length)
    this.#completed = this.#input.value
    this.#tellForm()
  }

  get length(): number {
    const length = Number(this.getAttribute('length'))
    return length >= 4 && length <= 10 ? length : 6
  }

  get form(): HTMLFormElement | null {
    return this.#internals.form
  }

  /** Shows what the server said: what is wrong, tries left, where the code went, when it may be sent again. */
  show(outcome: Outcome): void {
    const { valid, code, retryAfterSeconds } = outcome
    // A check says nothing of sending, and a refusal nothing of the rest: what was known stays.
    this.#outcome = { ...this.#outcome, valid: undefined, code: undefined, retryAfterSeconds: undefined, ...outcome }
    if (code?.startsWith('resend') || code?.startsWith('send_')) {
      this.#outcome = {
        ...this.#outcome,
        resend_after: new Date(Date.now() + (retryAfterSeconds ?? 0) * 1000).toISOString(),
      }
    }
    this.#isIncomplete = false
    this.removeAttribute('busy')
    this.#render()
    if (valid === false && !isOver(outcome)) {
      this.#input.focus()
      this.#input.select()
    }
  }

  connectedCallback(): void {
    this.#render()
    this.#tellForm()
    this.#ticking = setInterval(() => this.#renderAgain(), 1000)
    this.#receiving = new AbortController()
    void receiveCode(this.#receiving.signal).then((code) => code !== undefined && this.#take(code))
  }

  disconnectedCallback(): void {
    clearInterval(this.#ticking)
    this.#receiving?.abort()
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.#render()
    this.#tellForm()
  }

  formDisabledCallback(isDisabled: boolean): void {
    this.#isDisabledByForm = isDisabled
    this.#render()
  }

  formResetCallback(): void {
    this.#outcome = {}
    this.value = ''
    this.#render()
  }

  formStateRestoreCallback(state: string): void {
    this.value = state
  }

  override addEventListener<Name extends keyof OtpFieldEvents>(
    name: Name,
    listener: (event: OtpFieldEvents[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void
  override addEventListener(
    name: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void
  /** Only so that listeners know what these events carry. */
  override addEventListener(name: string, listener: unknown, options?: boolean | AddEventListenerOptions): void {
    super.addEventListener(name, listener as EventListener, options)
  }

  #onInput(): void {
    const { value, selectionStart } = this.#input
    const digits = onlyDigits(value).slice(0, this.length)
    if (digits !== value) {
      const caret = onlyDigits(value.slice(0, selectionStart ?? value.length)).length
      this.#input.value = digits
      this.#input.setSelectionRange(caret, caret)
    }
    this.#changed()
  }

  #onPaste(event: ClipboardEvent): void {
    const code = findCode(event.clipboardData?.getData('text') ?? '', this.length)
    // Part of a code goes where the caret is, as everywhere.
    if (code === undefined || this.#input.readOnly) return
    event.preventDefault()
    this.#take(code)
  }

  #take(text: string): void {
    this.#input.value = (findCode(text, this.length) ?? onlyDigits(asciiDigits(text))).slice(0, this.length)
    this.#changed()
  }

  #changed(): void {
    this.#tellForm()
    this.#isIncomplete = false
    this.dispatchEvent(new Event('input', { bubbles: true, composed: true }))
    const code = this.value
    if (code.length < this.length) this.#completed = ''
    else if (code !== this.#completed) this.#complete(code)
  }

  #complete(code: string): void {
    this.#completed = code
    this.#receiving?.abort()
    this.#emit('complete', { code })
  }

  /** A form does not see the field inside: it has to be told. */
  #onEnter(event: KeyboardEvent): void {
    event.preventDefault()
    if (this.#input.readOnly) return
    if (this.value.length < this.length) {
      this.#isIncomplete = true
      this.#render()
    } else if (this.form) this.form.requestSubmit()
    else this.#complete(this.value)
  }

  #onAction(target: HTMLElement): void {
    const button = target.closest('button')
    if (!button || button.ariaDisabled === 'true') return
    const { channel } = button.dataset
    const over = isOver(this.#outcome)
    if (channel === undefined) this.#emit('resend', { isOver: over })
    else this.#emit('channel', { channel: channel as Channel, isOver: over })
  }

  #emit<Name extends keyof OtpFieldEvents>(name: Name, detail: OtpFieldEvents[Name]['detail']): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
  }

  #tellForm(): void {
    const { value } = this.#input
    this.#internals.setFormValue(value)
    const isMissing = value === '' && this.hasAttribute('required')
    const isShort = value !== '' && value.length < this.length
    const flags = isMissing ? { valueMissing: true } : isShort ? { tooShort: true } : {}
    this.#internals.setValidity(flags, isMissing || isShort ? this.#texts.incomplete(this.length) : '', this.#input)
  }

  #render(): void {
    const { lang, texts } = textsFor(this.lang || this.closest<HTMLElement>('[lang]')?.lang || navigator.language)
    this.#texts = texts
    for (const part of [this.#label, this.#hint, this.#error, this.#status, this.#actions]) part.lang = lang
    const isVerified = this.#outcome.status === 'approved' || this.#outcome.valid === true
    const isBusy = this.hasAttribute('busy')
    setText(this.#label, this.getAttribute('label') ?? texts.label)
    setText(this.#hint, isVerified ? '' : texts.hint(this.length))
    const fault = this.#isIncomplete ? texts.incomplete(this.length) : faultText(this.#outcome, texts)
    setText(this.#error, fault ?? '')
    const { channel } = this.#outcome
    setText(
      this.#status,
      isVerified ? texts.verified : channel && !isOver(this.#outcome) ? texts.sent(channelName(channel, texts)) : '',
    )
    this.#status.setAttribute('part', isVerified ? 'status verified' : 'status')
    this.#input.ariaInvalid = String(fault !== undefined)
    this.#input.required = this.hasAttribute('required')
    this.#input.disabled = this.#isDisabledByForm || this.hasAttribute('disabled')
    // Read-only and not disabled: the focus stays where it was.
    this.#input.readOnly = isBusy || isVerified
    this.#internals.ariaBusy = String(isBusy)
    this.#actions.hidden = isVerified
    this.#actions.replaceChildren(this.#again, ...this.#channels().map((one) => this.#channelButton(one)))
    this.#renderAgain()
  }

  /** Those that are named, or else those of the workflow; never the one that was just used. */
  #channels(): readonly string[] {
    const named = this.getAttribute('channels')?.split(/\s+/)
    const offered = named ?? this.#outcome.workflow?.map(({ channel }) => channel) ?? []
    return [...new Set(offered)].filter((one) => one !== '' && one !== this.#outcome.channel)
  }

  #channelButton(channel: string): HTMLButtonElement {
    const button = make('button', { part: 'button channel', type: 'button', 'data-channel': channel })
    button.textContent = this.#texts.by(channelName(channel, this.#texts))
    button.ariaDisabled = String(this.hasAttribute('busy'))
    return button
  }

  /** Every second, and in the button only: nothing here is read aloud by itself. */
  #renderAgain(): void {
    const at = this.#outcome.resend_after ?? this.getAttribute('resend-after')
    const left = at && !isOver(this.#outcome) ? Math.ceil((Date.parse(at) - Date.now()) / 1000) : 0
    setText(this.#again, left > 0 ? this.#texts.againIn(spellSeconds(left)) : this.#texts.again)
    this.#again.ariaDisabled = String(left > 0 || this.hasAttribute('busy'))
  }
}

function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string>,
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  return element
}

/** The same text again would be read aloud again. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

if ('customElements' in globalThis && !customElements.get('otp-field')) customElements.define('otp-field', OtpField)

declare global {
  interface HTMLElementTagNameMap {
    'otp-field': OtpField
  }
}
