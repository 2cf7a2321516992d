import { Card, Stack, Title } from '@mantine/core'
import type { StartBody } from '@centang/sdk'
import { Snippet } from '../../../kit/snippet.tsx'
import { useWords } from '../../../kit/text.ts'
import { verificationTexts } from '../../text/texts.ts'

interface CallsProps {
  readonly url: string
  readonly apiKey: string
  /** What the form sends. */
  readonly start: StartBody
  readonly id: string | undefined
}

/** The same verification as calls of the API, ready to be pasted into a terminal. */
export function Calls({ url, apiKey, start, id }: CallsProps) {
  const { words } = useWords(verificationTexts)
  const spell = (path: string, body: object): string =>
    `curl ${url}/v1/${path} \\\n  -H 'Authorization: Bearer ${apiKey || 'ck_test_…'}' \\\n  -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(body).replaceAll("'", String.raw`'\''`)}'`
  return (
    <Card className="try-calls" withBorder padding="lg" radius="lg">
      <Stack gap="sm">
        <Title order={2} size="h5">
          {words.curl}
        </Title>
        <Snippet title={words.startCall} text={spell('verifications', start)} secret={apiKey} />
        <Snippet
          title={words.checkCall}
          // No digits: a code that was made up would cost the reader one of the tries.
          text={spell(`verifications/${id ?? 'ver_…'}/check`, { code: '<code>' })}
          secret={apiKey}
        />
      </Stack>
    </Card>
  )
}
