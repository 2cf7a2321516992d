import { Anchor, Button, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { Channel, Verification } from '@centang/sdk'
import { clockTime } from '../../../kit/clock.ts'
import { shownNumber } from '../../../kit/shown-number.ts'
import { useWords } from '../../../kit/text.ts'
import { verificationTexts } from '../../text/texts.ts'
import { SendAgain } from './send-again.tsx'
import { useAutofill } from './use-autofill.ts'

interface CodeFormProps {
  readonly verification: Verification
  readonly channels: readonly Channel[]
  /** Where the phone stands; it hands the code over on Autofill. */
  readonly phoneOrigin: string
  readonly isChecking: boolean
  /** What is wrong with the code. */
  readonly error: string | undefined
  /** Why it could not be sent again. */
  readonly sendError: string | undefined
  readonly onCheck: (code: string) => void
  readonly onResend: (channel?: Channel) => void
  readonly onCancel: () => void
}

/** Step 2: one input, because paste, autofill and screen readers work with one and not with six. */
export function CodeForm(props: CodeFormProps) {
  const { verification, channels, phoneOrigin, isChecking, error, sendError, onCheck, onResend, onCancel } = props
  const { language, words } = useWords(verificationTexts)
  const [code, setCode] = useState('')
  const [isEmpty, setIsEmpty] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const sent = verification.deliveries.findLast(
    ({ status }) => status === 'sent' || status === 'delivered' || status === 'read',
  )
  useEffect(() => field.current?.focus(), [])
  useAutofill(phoneOrigin, verification.to, (filled) => {
    setCode(filled)
    setIsEmpty(false)
  })

  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setIsEmpty(code.trim() === '')
    if (code.trim() !== '') onCheck(code)
    field.current?.select()
  }
  const resend = (channel?: Channel): void => {
    // A button of a channel may be gone in a moment and would take the focus with it.
    if (channel !== undefined) field.current?.focus()
    onResend(channel)
  }
  const until = clockTime(verification.expires_at, language, 'to the minute')
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          ref={field}
          label={words.code}
          description={`${words.codeHint(shownNumber(verification.to))} ${words.validUntil(until)}`}
          type="text"
          inputMode="numeric"
          autoComplete="one-time-code"
          autoCapitalize="off"
          spellCheck={false}
          dir="ltr"
          translate="no"
          size="lg"
          placeholder={'–'.repeat(verification.code_length)}
          classNames={{ input: 'code-input' }}
          value={code}
          error={isEmpty ? words.empty : error}
          errorProps={{ role: 'alert' }}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <Button type="submit" size="md" loading={isChecking}>
          {words.check}
        </Button>
        <Anchor href="#phone" className="jump" size="sm">
          {words.toPhone}
        </Anchor>
        <Text size="sm" c="dimmed" role="status" mih="1.4em">
          {/* A new element for each delivery, so that a second one on the same channel is read aloud too. */}
          {sent && <span key={sent.id}>{words.sentAgain(words.channels[sent.channel])}</span>}
        </Text>
        <SendAgain
          channels={channels.filter((channel) => channel !== verification.channel)}
          resendInSeconds={verification.resend_in_seconds}
          error={sendError}
          onResend={resend}
          onCancel={onCancel}
        />
      </Stack>
    </form>
  )
}
