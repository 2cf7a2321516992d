import { PasswordInput } from '@mantine/core'
import { isAboutKey, problemText } from './problem-text.ts'
import { commonTexts, useWords } from './text.ts'

const keptAs = 'centang-key'

/** The key that was typed in this tab before. */
export const keyOfTab = (): string => sessionStorage.getItem(keptAs) ?? ''

interface KeyFieldProps {
  readonly value: string
  /** Why the last call failed; shown here when the key is to blame. */
  readonly error: Error | null
  readonly onChange: (typed: string) => void
}

/** Whoever is not in the demo brings a test key along; it is kept in the tab. */
export function KeyField({ value, error, onChange }: KeyFieldProps) {
  const { language, words } = useWords(commonTexts)
  return (
    <PasswordInput
      label={words.key}
      description={words.keyHint}
      autoComplete="off"
      value={value}
      error={isAboutKey(error) && problemText(error, words, language)}
      errorProps={{ role: 'alert' }}
      onChange={({ currentTarget: { value: typed } }) => {
        sessionStorage.setItem(keptAs, typed)
        onChange(typed)
      }}
    />
  )
}
