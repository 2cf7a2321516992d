import { Anchor, Card, Stack, Title } from '@mantine/core'
import { useLanguage } from '../text/language.tsx'
import { Snippet } from './snippet.tsx'

/** The same verification as calls of the API, ready to be pasted into a terminal. */
export function Calls({
  url,
  apiKey,
  number,
  id,
}: {
  url: string
  apiKey: string
  number: string
  id: string | undefined
}) {
  const { words } = useLanguage()
  const spell = (path: string, body: object): string =>
    `curl ${url}/v1/${path} \\\n  -H 'Authorization: Bearer ${apiKey || 'ck_test_…'}' \\\n  -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(body)}'`
  return (
    <Card className="try-calls" withBorder padding="lg" radius="lg">
      <Stack gap="sm">
        <Title order={2} size="h5">
          {words.curl}
        </Title>
        <Snippet title={words.startCall} text={spell('verifications', { to: number })} secret={apiKey} />
        <Snippet
          title={words.checkCall}
          text={spell(`verifications/${id ?? 'ver_…'}/check`, { code: '123456' })}
          secret={apiKey}
        />
        <Anchor href="/docs" size="sm" hiddenFrom="xs">
          {words.reference}
        </Anchor>
      </Stack>
    </Card>
  )
}
