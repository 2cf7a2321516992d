import type { TimelineEntry } from '@centang/sdk'
import { Card, Stack, Text, Timeline as MantineTimeline, Title } from '@mantine/core'
import { type Labels, useWords } from '../../../kit/text.ts'
import type { SeenVerification } from '../../api.ts'
import { type VerificationWords, verificationTexts } from '../../text/texts.ts'

const colors: Readonly<Record<string, string>> = {
  'delivery.failed': 'red',
  'delivery.unknown': 'orange',
  'verification.check_failed': 'red',
  'verification.blocked': 'red',
  'verification.undeliverable': 'red',
}

/** What became of a verification, as it happens. */
export function Timeline({ verification }: { verification: SeenVerification }) {
  const { language, words } = useWords(verificationTexts)
  const reasons: Labels = words.reasons
  const entries = verification.timeline ?? []
  // Two digits each: without that, Spanish writes 0:03 beside 00:03.
  const clock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
  const describe = ({ at, channel, reason, provider_code: providerCode }: TimelineEntry): string =>
    [
      channel && words.channels[channel],
      reason && (reasons[reason] ?? reason),
      providerCode,
      clock.format(new Date(at)),
    ]
      .filter(Boolean)
      .join(' · ')
  return (
    <Card className="try-timeline" withBorder padding="lg" radius="lg">
      <Stack gap="md">
        <Title order={2} size="h5">
          {words.timeline}
        </Title>
        <MantineTimeline active={entries.length - 1} bulletSize={14} lineWidth={2}>
          {entries.map((entry, index) => (
            <MantineTimeline.Item
              key={`${entry.at} ${entry.kind} ${index}`}
              title={titleOf(entry, words)}
              color={colors[entry.kind] ?? 'tick'}
            >
              <Text size="sm" c="dimmed">
                {describe(entry)}
              </Text>
            </MantineTimeline.Item>
          ))}
        </MantineTimeline>
      </Stack>
    </Card>
  )
}

/** Some kinds of events mean different things to a reader, told apart by their reason. */
function titleOf({ kind, reason, channel }: TimelineEntry, words: VerificationWords): string {
  const events: Labels = words.events
  if (kind === 'verification.blocked' && reason === 'not_requested') return words.reported
  if (kind === 'verification.moved_on' && reason !== 'asked_again' && channel !== null)
    return words.goingOn(words.channels[channel])
  return events[kind] ?? kind
}
