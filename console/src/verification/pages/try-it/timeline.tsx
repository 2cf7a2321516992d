import type { TimelineEntry } from '@centang/sdk'
import { Card, Stack, Text, Timeline as MantineTimeline, Title } from '@mantine/core'
import { clockTime } from '../../../kit/clock.ts'
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
  const describe = ({ at, channel, reason, provider_code: providerCode }: TimelineEntry): string =>
    [
      channel && words.channels[channel],
      reason && (reasons[reason] ?? reason),
      providerCode,
      clockTime(at, language, 'with seconds'),
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
              key={`${entry.at} ${entry.type} ${index}`}
              title={titleOf(entry, words)}
              color={colors[entry.type] ?? 'tick'}
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
function titleOf({ type, reason, channel }: TimelineEntry, words: VerificationWords): string {
  const events: Labels = words.events
  if (type === 'verification.blocked' && reason === 'not_requested') return words.reported
  if (type === 'verification.moved_on' && reason !== 'asked_again' && channel !== null)
    return words.goingOn(words.channels[channel])
  return events[type] ?? type
}
