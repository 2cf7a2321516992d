import { TextInput } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useWords } from '../../../kit/text.ts'
import { verificationTexts } from '../../text/texts.ts'
import { MagicNumbers } from './magic-numbers.tsx'

interface NumberFieldProps {
  readonly value: string
  /** What is wrong with the number. */
  readonly error: string | undefined
  /** The person comes back from a later step, so the focus comes along. */
  readonly isReturning: boolean
  readonly onChange: (to: string) => void
}

/** The number to send to, and below it those that misbehave. */
export function NumberField({ value, error, isReturning, onChange }: NumberFieldProps) {
  const { words } = useWords(verificationTexts)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (isReturning) field.current?.focus()
  }, [isReturning])
  return (
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
        value={value}
        error={error}
        errorProps={{ role: 'alert' }}
        onChange={(event) => onChange(event.currentTarget.value)}
        size="md"
      />
      <MagicNumbers
        onChoose={(digits) => {
          onChange(value.trimEnd().slice(0, -digits.length) + digits)
          field.current?.focus()
        }}
      />
    </div>
  )
}
