import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { Channel, StartBody } from '../api.ts'
import { type Language, languages, useLanguage } from '../text/language.tsx'

interface SendFormProps {
  readonly initialNumber: string
  readonly channels: readonly Channel[]
  readonly isSending: boolean
  readonly error: string | undefined
  readonly onSend: (body: StartBody) => void
}

/** Step 1: whom to send a code, in which language, by which channel. */
export function SendForm({ initialNumber, channels, isSending, error, onSend }: SendFormProps) {
  const { language, words } = useLanguage()
  const [to, setTo] = useState(initialNumber)
  const [locale, setLocale] = useState<Language>(language)
  const [channel, setChannel] = useState('')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    onSend({ to, locale, ...(channel !== '' && { channel: channel as Channel }) })
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label={words.number}
          description={words.numberHint}
          type="tel"
          autoComplete="tel"
          required
          withAsterisk={false}
          value={to}
          error={error}
          errorProps={{ role: 'alert' }}
          onChange={(event) => setTo(event.currentTarget.value)}
          size="md"
        />
        <Group grow preventGrowOverflow={false} align="end">
          <NativeSelect
            label={words.messageLanguage}
            value={locale}
            onChange={(event) => setLocale(event.currentTarget.value as Language)}
            data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
          />
          <NativeSelect
            label={words.channel}
            value={channel}
            onChange={(event) => setChannel(event.currentTarget.value)}
            data={[{ value: '', label: words.automatic }, ...channels.map((value) => ({ value, label: words.channels[value] }))]}
          />
        </Group>
        <Button type="submit" size="md" loading={isSending}>
          {words.send}
        </Button>
      </Stack>
    </form>
  )
}
