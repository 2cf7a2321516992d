import { Alert, Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { Channel, StartBody } from '../api.ts'
import { type Language, languages, useLanguage } from '../text/language.tsx'
import { isAboutKey, isAboutRecipient, problemText } from './problem-text.ts'

interface SendFormProps {
  readonly initialNumber: string
  readonly channels: readonly Channel[]
  readonly isSending: boolean
  /** Why the last code could not be sent. */
  readonly error: Error | null
  /** Errors about the key are shown at its own field then. */
  readonly hasKeyField: boolean
  /** The person comes back from a later step, so the focus comes along. */
  readonly isReturning: boolean
  readonly onSend: (body: StartBody) => void
}

/** Step 1: whom to send a code, in which language, by which channel. */
export function SendForm({
  initialNumber,
  channels,
  isSending,
  error,
  hasKeyField,
  isReturning,
  onSend,
}: SendFormProps) {
  const { language, words } = useLanguage()
  const [to, setTo] = useState(initialNumber)
  const [locale, setLocale] = useState<Language>()
  const [channel, setChannel] = useState('')
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (isReturning) field.current?.focus()
  }, [isReturning])
  const isRecipientWrong = isAboutRecipient(error)
  const text = error === null ? undefined : problemText(error, words, language)
  const isElsewhere = isRecipientWrong || (hasKeyField && isAboutKey(error))
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    onSend({ to, locale: locale ?? language, ...(channel !== '' && { channel: channel as Channel }) })
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          ref={field}
          label={words.number}
          description={words.numberHint}
          type="tel"
          autoComplete="tel"
          required
          withAsterisk={false}
          value={to}
          error={isRecipientWrong && text}
          errorProps={{ role: 'alert' }}
          onChange={(event) => setTo(event.currentTarget.value)}
          size="md"
        />
        <Group grow preventGrowOverflow={false} align="end">
          <NativeSelect
            label={words.messageLanguage}
            value={locale ?? language}
            onChange={(event) => setLocale(event.currentTarget.value as Language)}
            data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
          />
          <NativeSelect
            label={words.channel}
            value={channel}
            onChange={(event) => setChannel(event.currentTarget.value)}
            data={[
              { value: '', label: words.automatic },
              ...channels.map((value) => ({ value, label: words.channels[value] })),
            ]}
          />
        </Group>
        <Button type="submit" size="md" loading={isSending}>
          {words.send}
        </Button>
        {text !== undefined && !isElsewhere && (
          <Alert color="red" role="alert">
            {text}
          </Alert>
        )}
      </Stack>
    </form>
  )
}
