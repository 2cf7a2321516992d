import type { Channel } from '@centang/sdk'
import { Alert, Button, Group, NativeSelect, Stack } from '@mantine/core'
import type { FormEvent } from 'react'
import { type Language, languages } from '../../../kit/language.tsx'
import { isAboutKey, isAboutRecipient, problemText } from '../../../kit/problem-text.ts'
import { useWords } from '../../../kit/text.ts'
import { verificationTexts } from '../../text/texts.ts'
import type { Choice } from './choice.ts'
import { NumberField } from './number-field.tsx'

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
export function SendForm(props: SendFormProps) {
  const { choice, channels, isSending, error, hasKeyField, isReturning, onChoose, onSend } = props
  const { language, words } = useWords(verificationTexts)
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
        <NumberField
          value={choice.to}
          error={isRecipientWrong ? text : undefined}
          isReturning={isReturning}
          onChange={(to) => onChoose({ to })}
        />
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
