import { Alert, Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useRef } from 'react'
import type { Channel } from '../api.ts'
import { type Language, languages, useLanguage } from '../text/language.tsx'
import { MagicNumbers } from './magic-numbers.tsx'
import { isAboutKey, isAboutRecipient, problemText } from './problem-text.ts'

/** What is chosen in the form. */
export interface Choice {
  readonly to: string
  /** Undefined: that of the page. */
  readonly locale: Language | undefined
  /** Undefined: the workflow's. */
  readonly channel: Channel | undefined
}

interface SendFormProps {
  readonly choice: Choice
  readonly channels: readonly Channel[]
  readonly isSending: boolean
  /** Why the last code could not be sent. */
  readonly error: Error | null
  /** Errors about the key are shown at its own field then. */
  readonly hasKeyField: boolean
  /** The person comes back from a later step, so the focus comes along. */
  readonly isReturning: boolean
  readonly onChoose: (changes: Partial<Choice>) => void
  readonly onSend: () => void
}

/** Step 1: whom to send a code, in which language, by which channel. */
export function SendForm({
  choice,
  channels,
  isSending,
  error,
  hasKeyField,
  isReturning,
  onChoose,
  onSend,
}: SendFormProps) {
  const { language, words } = useLanguage()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (isReturning) field.current?.focus()
  }, [isReturning])
  const isRecipientWrong = isAboutRecipient(error)
  const text = error === null ? undefined : problemText(error, words, language)
  const isElsewhere = isRecipientWrong || (hasKeyField && isAboutKey(error))
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    onSend()
  }
  const names = channels.map((channel) => words.channels[channel])
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <div>
          <TextInput
            ref={field}
            label={words.number}
            description={words.numberHint}
            type="tel"
            autoComplete="tel"
            required
            withAsterisk={false}
            dir="ltr"
            value={choice.to}
            error={isRecipientWrong && text}
            errorProps={{ role: 'alert' }}
            onChange={(event) => onChoose({ to: event.currentTarget.value })}
            size="md"
          />
          <MagicNumbers
            onChoose={(digits) => {
              onChoose({ to: choice.to.trimEnd().slice(0, -digits.length) + digits })
              field.current?.focus()
            }}
          />
        </div>
        <Group grow preventGrowOverflow={false} align="end">
          <NativeSelect
            label={words.messageLanguage}
            value={choice.locale ?? language}
            onChange={(event) => onChoose({ locale: event.currentTarget.value as Language })}
            data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
          />
          <NativeSelect
            label={words.channel}
            value={choice.channel ?? ''}
            onChange={({ currentTarget: { value } }) =>
              onChoose({ channel: value === '' ? undefined : (value as Channel) })
            }
            data={[
              { value: '', label: names.length > 1 ? names.join(words.next) : words.automatic },
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
