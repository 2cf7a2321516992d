import { Alert, Anchor, Card, Loader, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { type UseMutationResult, useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import {
  Problem,
  readSettings,
  readVerification,
  type Settings,
  type StartBody,
  startVerification,
  type Verification,
} from '../api.ts'
import { Calls } from '../components/calls.tsx'
import { Entry } from '../components/entry.tsx'
import { Outcome } from '../components/outcome.tsx'
import { PhoneFrame } from '../components/phone-frame.tsx'
import { isAboutKey, problemText } from '../components/problem-text.ts'
import { SendForm } from '../components/send-form.tsx'
import { Timeline } from '../components/timeline.tsx'
import { useLanguage } from '../text/language.tsx'

const firstNumber = '+6281234567890'

/** The first page of the console: the whole of a verification in one look. */
export function TryIt() {
  const { language, words } = useLanguage()
  const settings = useQuery({ queryKey: ['settings'], queryFn: readSettings, staleTime: Infinity })
  if (settings.isPending) return <Loader aria-label={words.loading} />
  if (settings.isError) return <Alert color="red">{problemText(settings.error, words, language)}</Alert>
  return <Trial settings={settings.data} />
}

function Trial({ settings }: { settings: Settings }) {
  const { language, words } = useLanguage()
  const [ownKey, setOwnKey] = useState(() => sessionStorage.getItem('centang-key') ?? '')
  const key = settings.demo_key ?? ownKey
  const [started, setStarted] = useState<Verification>()
  const [number, setNumber] = useState(firstNumber)
  const start = useMutation({
    mutationFn: async (body: StartBody) => {
      // A live key would send for real, and be charged for it, on a page that says nothing leaves the machine.
      if (key.startsWith('ck_live_')) throw new Problem({ code: 'credentials_missing' }, 401, null)
      return startVerification(key, body)
    },
    onSuccess: (verification) => {
      setStarted(verification)
      setNumber(verification.to)
    },
  })
  const remember = (typed: string): void => {
    start.reset()
    sessionStorage.setItem('centang-key', typed)
    setOwnKey(typed)
  }
  return (
    <div className="try">
      <Stack gap="lg" className="try-steps">
        <div>
          <Title order={1} size="h2">
            {words.heading}
          </Title>
          <Text c="dimmed">{words.lead}</Text>
          <Anchor href="#phone" className="jump" size="sm">
            {words.toPhone}
          </Anchor>
        </div>
        {settings.demo_key === null && (
          <PasswordInput
            label={words.key}
            description={words.keyHint}
            autoComplete="off"
            value={ownKey}
            error={isAboutKey(start.error) && problemText(start.error, words, language)}
            errorProps={{ role: 'alert' }}
            onChange={(event) => remember(event.currentTarget.value)}
          />
        )}
        <Card withBorder padding="lg" radius="lg">
          <Steps
            apiKey={key}
            settings={settings}
            start={start}
            started={started}
            number={number}
            onLeave={() => setStarted(undefined)}
          />
        </Card>
      </Stack>
      <Calls url={settings.public_url} apiKey={key} number={number} id={started?.id} />
      <div className="try-phone">
        {settings.phone_url === null ? (
          <Text c="dimmed">{words.noPhone}</Text>
        ) : (
          <PhoneFrame url={settings.phone_url} to={number} />
        )}
      </div>
    </div>
  )
}

interface StepsProps {
  readonly apiKey: string
  readonly settings: Settings
  readonly start: UseMutationResult<Verification, Error, StartBody>
  readonly started: Verification | undefined
  readonly number: string
  readonly onLeave: () => void
}

/** The three steps: send a code, type it in, done. */
function Steps({ apiKey, settings, start, started, number, onLeave }: StepsProps) {
  const { words } = useLanguage()
  const [hasLeft, setHasLeft] = useState(false)
  const leave = (): void => {
    setHasLeft(true)
    onLeave()
  }
  const live = useQuery({
    queryKey: ['verification', started?.id],
    queryFn: () => readVerification(apiKey, started?.id ?? ''),
    enabled: started !== undefined,
    refetchInterval: ({ state }) => (state.data === undefined || state.data.status === 'pending' ? 700 : false),
  })
  const verification = started && (live.data ?? started)
  if (!verification) {
    return (
      <SendForm
        initialNumber={number}
        channels={settings.channels}
        isSending={start.isPending}
        error={start.error}
        hasKeyField={settings.demo_key === null}
        isReturning={hasLeft}
        onSend={start.mutate}
      />
    )
  }
  return (
    <Stack gap="xl">
      {verification.status === 'pending' ? (
        <Entry
          apiKey={apiKey}
          settings={settings}
          verification={verification}
          readError={live.error}
          onChanged={() => void live.refetch()}
          onLeave={leave}
        />
      ) : (
        <Outcome verification={verification} onAgain={leave} />
      )}
      <Stack gap="sm">
        <Title order={2} size="h5">
          {words.timeline}
        </Title>
        <Timeline verification={verification} />
      </Stack>
    </Stack>
  )
}
