import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { Channel, Verification } from '../api.ts'
import { useLanguage } from '../text/language.tsx'
import { useCountdown } from './use-countdown.ts'

interface CodeFormProps {
  readonly verification: Verification
  readonly channels: readonly Channel[]
  readonly isChecking: boolean
  /** Why the last try or sending did not work. */
  readonly error: string | undefined
  readonly onCheck: (code: string) => void
  readonly onResend: (channel?: Channel) => void
  readonly onCancel: () => void
}

/** Step 2: one input, because paste, autofill and screen readers work with one and not with six. */
export function CodeForm({ verification, channels, isChecking, error, onCheck, onResend, onCancel }: CodeFormProps) {
  const { language, words } = useLanguage()
  const [code, setCode] = useState('')
  const [isEmpty, setIsEmpty] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const sent = verification.deliveries.findLast(
    ({ status }) => status === 'sent' || status === 'delivered' || status === 'read',
  )
  const waitSeconds = useCountdown(verification.resend_after)

  useEffect(() => {
    field.current?.focus()
    const autofill = new BroadcastChannel('centang-autofill')
    autofill.addEventListener('message', (event: MessageEvent<{ to: string; code: string }>) => {
      if (event.data.to !== verification.to) return
      setCode(event.data.code)
      setIsEmpty(false)
    })
    return () => autofill.close()
  }, [verification.to])

  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setIsEmpty(code.trim() === '')
    if (code.trim() !== '') onCheck(code)
    field.current?.select()
  }
  const resend = (channel?: Channel): void => {
    // The pressed button is disabled or gone in a moment and would take the focus with it.
    field.current?.focus()
    onResend(channel)
  }
  const until = new Date(verification.expires_at).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit' })
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          ref={field}
          label={words.code}
          description={`${words.codeHint(verification.to)} ${words.validUntil(until)}`}
          type="text"
          inputMode="numeric"
          autoComplete="one-time-code"
          autoCapitalize="off"
          spellCheck={false}
          dir="ltr"
          translate="no"
          size="lg"
          classNames={{ input: 'code-input' }}
          value={code}
          error={isEmpty ? words.empty : error}
          errorProps={{ role: 'alert' }}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <Button type="submit" size="md" loading={isChecking}>
          {words.check}
        </Button>
        <Text size="sm" c="dimmed" role="status" mih="1.4em">
          {/* A new element for each delivery, so that a second one on the same channel is read aloud too. */}
          {sent && <span key={sent.id}>{words.sentAgain(words.channels[sent.channel])}</span>}
        </Text>
        <Group gap="xs">
          <Button variant="default" size="sm" disabled={waitSeconds > 0} onClick={() => resend()}>
            {waitSeconds > 0 ? words.resendIn(waitSeconds) : words.resend}
          </Button>
          {channels
            .filter((channel) => channel !== verification.channel)
            .map((channel) => (
              <Button key={channel} variant="default" size="sm" onClick={() => resend(channel)}>
                {words.by(words.channels[channel])}
              </Button>
            ))}
          <Button variant="subtle" size="sm" onClick={onCancel}>
            {words.changeNumber}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
