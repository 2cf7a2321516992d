import { Button, Group, Stack, Text } from '@mantine/core'
import type { Channel } from '@centang/sdk'
import { useWords } from '../../../kit/text.ts'
import { verificationTexts } from '../../text/texts.ts'
import { useCountdown } from './use-countdown.ts'

interface SendAgainProps {
  readonly channels: readonly Channel[]
  readonly resendInSeconds: number | null
  /** Why the last one was refused. */
  readonly error: string | undefined
  readonly onResend: (channel?: Channel) => void
  readonly onCancel: () => void
}

/** Ways on when no code came. */
export function SendAgain({ channels, resendInSeconds, error, onResend, onCancel }: SendAgainProps) {
  const { words } = useWords(verificationTexts)
  const waitSeconds = useCountdown(resendInSeconds)
  const isWaiting = waitSeconds > 0
  return (
    <Stack gap="xs" className="send-again">
      <Text size="sm" fw={600}>
        {words.notArrived}
      </Text>
      <Group gap="xs">
        {/* Not disabled: the seconds are there to be read, and the keyboard keeps its place. */}
        <Button
          variant="default"
          size="sm"
          className="countdown"
          aria-disabled={isWaiting}
          onClick={() => {
            if (!isWaiting) onResend()
          }}
        >
          {isWaiting ? words.resendIn(waitSeconds) : words.resend}
        </Button>
        {channels.map((channel) => (
          <Button key={channel} variant="default" size="sm" onClick={() => onResend(channel)}>
            {words.by(words.channels[channel])}
          </Button>
        ))}
        <Button variant="subtle" size="sm" px="xs" onClick={onCancel}>
          {words.changeNumber}
        </Button>
      </Group>
      {error !== undefined && (
        <Text size="sm" c="error" role="alert">
          {error}
        </Text>
      )}
    </Stack>
  )
}
