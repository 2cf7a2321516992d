import type { Channel } from '../api-types.ts'
import { Countdown } from './countdown.ts'
import { onlyDigits } from './digits.ts'
import { findCode } from './find-code.ts'
import { keepOutOfAddress } from './keep-out-of-address.ts'
import { faultText, isOver, type Outcome } from './outcome.ts'
import { createParts, make, setText } from './parts.ts'
import { receiveCode } from './receive-code.ts'
import { styles } from './styles.ts'
import { channelName, spellSeconds, type Texts, textsFor } from './texts.ts'

export type { Outcome } from './outcome.ts'

export interface OtpFieldEvents {
  /** All digits are there; once for each code, and again when the person presses Enter. */
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
 * example `"whatsapp sms"`), `resend-in-seconds`.
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
    'resend-in-seconds',
  ]

  readonly #internals: ElementInternals
  readonly #parts = createParts()
  #texts: Texts = textsFor('en').texts
  #outcome: Outcome = {}
  #isIncomplete = false
  /** The digits, whatever an input method is composing at the moment. */
  #value = ''
  #isComposing = false
  #completed = ''
  readonly #wait = new Countdown()
  #isDisabledByForm = false
  #ticking: ReturnType<typeof setInterval> | undefined
  #receiving: AbortController | undefined
  #letForms: (() => void) | undefined

  constructor() {
    super()
    this.#internals = this.attachInternals()
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true })
    // Neither a style element nor inner HTML: both may be forbidden by the page's security policy.
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(styles)
    root.adoptedStyleSheets = [sheet]
    const { label, hint, input, error, status, actions } = this.#parts
    root.append(label, hint, input, error, status, actions)
    input.addEventListener('compositionstart', () => (this.#isComposing = true))
    input.addEventListener('compositionend', () => {
      this.#isComposing = false
      this.#onInput()
    })
    input.addEventListener('input', () => this.#onInput())
    input.addEventListener('paste', (event) => this.#onPaste(event))
    input.addEventListener('keydown', (event) => event.key === 'Enter' && this.#onEnter(event))
    actions.addEventListener('click', (event) => this.#onAction(event.target as HTMLElement))
  }

  /** The digits so far. */
  get value(): string {
    return this.#value
  }

  set value(text: string) {
    this.#set(onlyDigits(text).slice(0, this.length))
    this.#completed = this.#value
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
    const { valid, code, retryAfterSeconds, resend_in_seconds: seconds } = outcome
    // A check says nothing of sending, and a refusal nothing of the rest: what was known stays.
    this.#outcome = { ...this.#outcome, valid: undefined, code: undefined, retryAfterSeconds: undefined, ...outcome }
    if (code?.startsWith('resend') || code?.startsWith('send_')) this.#wait.start(retryAfterSeconds)
    else if (seconds !== undefined) this.#wait.start(seconds)
    this.#isIncomplete = false
    this.removeAttribute('busy')
    this.#render()
    if (valid === false && !isOver(outcome)) {
      this.#parts.input.focus()
      this.#parts.input.select()
    }
  }

  connectedCallback(): void {
    // Enter in a form that nobody listens to asks again; otherwise the page has heard of it.
    this.#letForms = keepOutOfAddress(
      () => this.form,
      () => this.#value.length === this.length && !this.#parts.input.readOnly && this.#complete(this.#value),
    )
    this.#render()
    this.#tellForm()
    this.#ticking = setInterval(() => this.#renderAgain(), 1000)
    this.#receiving = new AbortController()
    void receiveCode(this.#receiving.signal).then((code) => code !== undefined && this.#take(code))
  }

  disconnectedCallback(): void {
    clearInterval(this.#ticking)
    this.#letForms?.()
    this.#receiving?.abort()
  }

  attributeChangedCallback(name: string): void {
    if (name === 'resend-in-seconds') this.#wait.start(Number(this.getAttribute(name)))
    if (this.isConnected) this.#render()
    this.#tellForm()
  }

  formDisabledCallback(isDisabled: boolean): void {
    this.#isDisabledByForm = isDisabled
    this.#render()
  }

  formResetCallback(): void {
    this.#outcome = {}
    this.#wait.start(undefined)
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
    // What an input method composes is its own until it is done: rewritten, it would begin anew, and half of it is no code.
    if (this.#isComposing) return
    const { value, selectionStart } = this.#parts.input
    const digits = onlyDigits(value)
    // More than there is room for came all at once, a whole message perhaps; or one digit too many, which is not put in.
    if (digits.length > this.length) return this.#take(value)
    if (digits !== value) {
      const caret = onlyDigits(value.slice(0, selectionStart ?? value.length)).length
      this.#parts.input.value = digits
      this.#parts.input.setSelectionRange(caret, caret)
    }
    this.#changed(digits)
  }

  #onPaste(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData('text') ?? ''
    // Part of a code goes where the caret is, as everywhere.
    if (
      this.#parts.input.readOnly ||
      (/^(?:\p{Nd}|[\s\p{Pd}\p{Cf}])*$/u.test(text) && onlyDigits(text).length < this.length)
    )
      return
    event.preventDefault()
    this.#take(text)
  }

  /** A text that came all at once: its code when it has one, else what was there before stays. */
  #take(text: string): void {
    const found = findCode(text, this.length)
    if (!found) {
      this.#parts.input.value = this.#value
      this.#isIncomplete = this.#value.length < this.length
      return this.#render()
    }
    this.#parts.input.value = found.code
    if (found.isGuess) this.#completed = found.code
    this.#changed(found.code)
  }

  #set(digits: string): void {
    this.#value = digits
    this.#parts.input.value = digits
  }

  #changed(digits: string): void {
    this.#value = digits
    this.#tellForm()
    this.#isIncomplete = false
    this.dispatchEvent(new Event('input', { bubbles: true, composed: true }))
    if (digits.length < this.length) this.#completed = ''
    else if (digits !== this.#completed) this.#complete(digits)
  }

  #complete(code: string): void {
    this.#completed = code
    this.#receiving?.abort()
    this.#emit('complete', { code })
  }

  /** A form does not see the field inside: it has to be told. */
  #onEnter(event: KeyboardEvent): void {
    // This one is the input method's: it takes what was composed. (Safari tells it only by the code.)
    if (event.isComposing || this.#isComposing || event.keyCode === 229) return
    event.preventDefault()
    if (this.#parts.input.readOnly) return
    if (this.#value.length < this.length) {
      this.#isIncomplete = true
      this.#render()
    } else if (this.form) this.form.requestSubmit()
    else this.#complete(this.#value)
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
    const value = this.#value
    this.#internals.setFormValue(value)
    const isMissing = value === '' && this.hasAttribute('required')
    const isShort = value !== '' && value.length < this.length
    const flags = isMissing ? { valueMissing: true } : isShort ? { tooShort: true } : {}
    this.#internals.setValidity(
      flags,
      isMissing || isShort ? this.#texts.incomplete(this.length) : '',
      this.#parts.input,
    )
  }

  #render(): void {
    const { lang, texts } = textsFor(this.lang || this.closest<HTMLElement>('[lang]')?.lang || navigator.language)
    this.#texts = texts
    for (const part of [
      this.#parts.label,
      this.#parts.hint,
      this.#parts.error,
      this.#parts.status,
      this.#parts.actions,
    ])
      part.lang = lang
    const isVerified = this.#outcome.status === 'approved' || this.#outcome.valid === true
    const isBusy = this.hasAttribute('busy')
    setText(this.#parts.label, this.getAttribute('label') ?? texts.label)
    setText(this.#parts.hint, isVerified ? '' : texts.hint(this.length))
    const fault = this.#isIncomplete ? texts.incomplete(this.length) : faultText(this.#outcome, texts)
    setText(this.#parts.error, fault ?? '')
    const { channel } = this.#outcome
    setText(
      this.#parts.status,
      isVerified ? texts.verified : channel && !isOver(this.#outcome) ? texts.sent(channelName(channel, texts)) : '',
    )
    this.#parts.status.setAttribute('part', isVerified ? 'status verified' : 'status')
    this.#parts.input.ariaInvalid = String(fault !== undefined)
    this.#parts.input.required = this.hasAttribute('required')
    this.#parts.input.disabled = this.#isDisabledByForm || this.hasAttribute('disabled')
    // Read-only and not disabled: the focus stays where it was.
    this.#parts.input.readOnly = isBusy || isVerified
    this.#internals.ariaBusy = String(isBusy)
    this.#parts.actions.hidden = isVerified
    this.#parts.actions.replaceChildren(this.#parts.again, ...this.#channels().map((one) => this.#channelButton(one)))
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
    const left = isOver(this.#outcome) ? 0 : this.#wait.secondsLeft
    setText(this.#parts.again, left > 0 ? this.#texts.againIn(spellSeconds(left, this.#texts)) : this.#texts.again)
    this.#parts.again.ariaDisabled = String(left > 0 || this.hasAttribute('busy'))
  }
}

if ('customElements' in globalThis && !customElements.get('otp-field')) customElements.define('otp-field', OtpField)

declare global {
  interface HTMLElementTagNameMap {
    'otp-field': OtpField
  }
}
