import { Button, Stack, Text, Title } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { Tick } from '../../../kit/icons.tsx'
import { shownNumber } from '../../../kit/shown-number.ts'
import { useWords } from '../../../kit/text.ts'
import type { SeenVerification } from '../../api.ts'
import { verificationTexts } from '../../text/texts.ts'

/** Step 3: verified, or how else it ended. */
export function Outcome({ verification, onAgain }: { verification: SeenVerification; onAgain: () => void }) {
  const { language, words } = useWords(verificationTexts)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const { status, to, created_at: from, ended_at: until } = verification
  const seconds = ((Date.parse(until ?? from) - Date.parse(from)) / 1000).toLocaleString(language, {
    maximumFractionDigits: 1,
  })
  const isApproved = status === 'approved'
  // Out of tries and "I didn't request a code" end alike; only the timeline tells them apart.
  const isDenied = status === 'blocked' && verification.timeline?.some(({ reason }) => reason === 'not_requested')
  return (
    <Stack align="center" py="md" ta="center">
      {isApproved && <Tick size={72} />}
      <Title order={2} size="h3" ref={heading} tabIndex={-1} style={{ outline: 'none' }}>
        {isApproved ? words.approved : isDenied ? words.denied : status === 'pending' ? '' : words.ended[status]}
      </Title>
      {isApproved && <Text>{words.approvedText(shownNumber(to), seconds)}</Text>}
      <Button variant={isApproved ? 'default' : 'filled'} onClick={onAgain}>
        {isApproved ? words.again : words.startAgain}
      </Button>
    </Stack>
  )
}
