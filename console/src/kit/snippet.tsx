import { Button, Code, CopyButton, Group, Stack, Text } from '@mantine/core'
import { commonTexts, useWords } from './text.ts'

/** A call that can be copied whole; on the screen the key is shortened. */
export function Snippet({ title, text, secret }: { title: string; text: string; secret: string }) {
  const { words } = useWords(commonTexts)
  return (
    <Stack gap={4}>
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          {title}
        </Text>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="subtle" onClick={copy}>
              {copied ? words.copied : words.copy}
            </Button>
          )}
        </CopyButton>
      </Group>
      <Code block className="snippet" tabIndex={0} role="group" aria-label={title}>
        {secret === '' ? text : text.replace(secret, `${secret.slice(0, 12)}…`)}
      </Code>
    </Stack>
  )
}
