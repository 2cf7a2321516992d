import {
  createElement,
  forwardRef,
  type ForwardRefExoticComponent,
  type Ref,
  type RefAttributes,
  useEffect,
  useImperativeHandle,
  useRef,
} from 'react'
import type { Channel } from './api-types.ts'
import './otp-field/otp-field.ts'
import type { OtpField as OtpFieldElement, OtpFieldEvents, Outcome } from './otp-field/otp-field.ts'

export interface OtpFieldProps {
  readonly name?: string | undefined
  readonly length?: number | undefined
  readonly lang?: string | undefined
  readonly label?: string | undefined
  readonly required?: boolean | undefined
  readonly disabled?: boolean | undefined
  readonly busy?: boolean | undefined
  readonly channels?: readonly string[] | undefined
  readonly resendInSeconds?: number | undefined
  readonly className?: string | undefined
  /** The last answer of the server, shown whenever it is another object. */
  readonly outcome?: Outcome | undefined
  readonly onComplete?: ((code: string) => void) | undefined
  readonly onResend?: ((detail: OtpFieldEvents['resend']['detail']) => void) | undefined
  readonly onChannel?: ((channel: Channel, detail: OtpFieldEvents['channel']['detail']) => void) | undefined
}

/** `<otp-field>` for React 18 and later: listeners as props, and the server's answer as one. */
export const OtpField: ForwardRefExoticComponent<OtpFieldProps & RefAttributes<OtpFieldElement>> = forwardRef(
  function OtpField(props: OtpFieldProps, ref: Ref<OtpFieldElement>) {
    const field = useRef<OtpFieldElement>(null)
    // Listened to once; what is called is always the newest.
    const newest = useRef(props)
    useEffect(() => {
      newest.current = props
    })
    useImperativeHandle(ref, () => field.current as OtpFieldElement)
    useEffect(() => {
      const element = field.current
      if (!element) return
      const listeners = {
        complete: (event: Event) => newest.current.onComplete?.((event as OtpFieldEvents['complete']).detail.code),
        resend: (event: Event) => newest.current.onResend?.((event as OtpFieldEvents['resend']).detail),
        channel: (event: Event) => {
          const { detail } = event as OtpFieldEvents['channel']
          newest.current.onChannel?.(detail.channel, detail)
        },
      }
      for (const [name, listener] of Object.entries(listeners)) element.addEventListener(name, listener)
      return () => {
        for (const [name, listener] of Object.entries(listeners)) element.removeEventListener(name, listener)
      }
    }, [])
    const { outcome, busy } = props
    useEffect(() => {
      if (outcome) field.current?.show(outcome)
    }, [outcome])
    // As React 18 writes attributes of elements it does not know: present or absent.
    const flag = (is: boolean | undefined): '' | undefined => (is ? '' : undefined)
    return createElement('otp-field', {
      ref: field,
      name: props.name,
      length: props.length,
      lang: props.lang,
      label: props.label,
      required: flag(props.required),
      disabled: flag(props.disabled),
      busy: flag(busy),
      channels: props.channels?.join(' '),
      'resend-in-seconds': props.resendInSeconds,
      class: props.className,
    })
  },
)
