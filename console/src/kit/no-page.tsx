import { Text } from '@mantine/core'
import { commonTexts, useWords } from './text.ts'

/** What an address shows that no page has. */
export function NoPage() {
  const { words } = useWords(commonTexts)
  return <Text role="status">{words.noPage}</Text>
}
