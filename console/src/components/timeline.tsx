import { Text, Timeline as MantineTimeline } from '@mantine/core'
import type { TimelineEntry, Verification } from '../api.ts'
import { useLanguage } from '../text/language.tsx'

const colors: Readonly<Record<string, string>> = {
  'delivery.failed': 'red',
  'delivery.unknown': 'orange',
  'verification.check_failed': 'red',
  'verification.blocked': 'red',
  'verification.undeliverable': 'red',
}

/** What became of a verification, as it happens. */
export function Timeline({ verification }: { verification: Verification }) {
  const { language, words } = useLanguage()
  const entries = verification.timeline ?? []
  const describe = ({ at, channel, reason, provider_code: providerCode }: TimelineEntry): string =>
    [
      channel && words.channels[channel],
      reason && (words.reasons[reason] ?? reason),
      providerCode,
      new Date(at).toLocaleTimeString(language),
    ]
      .filter(Boolean)
      .join(' · ')
  return (
    <MantineTimeline active={entries.length - 1} bulletSize={14} lineWidth={2}>
      {entries.map((entry, index) => (
        <MantineTimeline.Item
          key={`${entry.at} ${entry.kind} ${index}`}
          title={words.events[entry.kind] ?? entry.kind}
          color={colors[entry.kind] ?? 'tick'}
        >
          <Text size="sm" c="dimmed">
            {describe(entry)}
          </Text>
        </MantineTimeline.Item>
      ))}
    </MantineTimeline>
  )
}
