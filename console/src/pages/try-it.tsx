import { Alert, Anchor, Card, Code, Loader, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
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
import { type Choice, SendForm } from '../components/send-form.tsx'
import { Timeline } from '../components/timeline.tsx'
import { useLanguage } from '../text/language.tsx'

const firstChoice: Choice = { to: '+6281234567890', locale: undefined, channel: undefined }

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
  const [choice, setChoice] = useState(firstChoice)
  const [shownNumber, setShownNumber] = useState(firstChoice.to)
  const [started, setStarted] = useState<Verification>()
  const [hasLeft, setHasLeft] = useState(false)
  const { to, channel, locale = language } = choice
  const body: StartBody = { to, locale, ...(channel && { channel }) }
  const choose = (changes: Partial<Choice>): void => setChoice((now) => ({ ...now, ...changes }))
  const start = useMutation({
    mutationFn: async () => {
      // A live key would send for real, and be charged for it, on a page that says everything stays in the simulator.
      if (key.startsWith('ck_live_')) throw new Problem({ code: 'credentials_missing' }, 401, null)
      return startVerification(key, body)
    },
    onSuccess: (verification) => {
      setStarted(verification)
      setShownNumber(verification.to)
      choose({ to: verification.to })
    },
  })
  const live = useQuery({
    queryKey: ['verification', started?.id],
    queryFn: () => readVerification(key, started?.id ?? ''),
    enabled: started !== undefined,
    refetchInterval: ({ state }) => (state.data === undefined || state.data.status === 'pending' ? 700 : false),
  })
  const verification = started && (live.data ?? started)
  const leave = (): void => {
    setHasLeft(true)
    setStarted(undefined)
  }
  const remember = (typed: string): void => {
    start.reset()
    sessionStorage.setItem('centang-key', typed)
    setOwnKey(typed)
  }
  return (
    <div className="try">
      <div className="try-head">
        <Title order={1} size="h2">
          {words.heading}
        </Title>
        <Text c="dimmed">{words.lead}</Text>
      </div>
      <Stack gap="md" className="try-steps" id="form">
        {settings.demo_key === null && settings.phone_url !== null && (
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
          {settings.phone_url === null ? (
            <NoSimulator />
          ) : !verification ? (
            <SendForm
              choice={choice}
              channels={settings.channels}
              isSending={start.isPending}
              error={start.error}
              hasKeyField={settings.demo_key === null}
              isReturning={hasLeft}
              onChoose={choose}
              onSend={start.mutate}
            />
          ) : verification.status === 'pending' ? (
            <Entry
              apiKey={key}
              settings={settings}
              verification={verification}
              readError={live.error}
              onChanged={() => void live.refetch()}
              onLeave={leave}
            />
          ) : (
            <Outcome verification={verification} onAgain={leave} />
          )}
        </Card>
      </Stack>
      {settings.phone_url !== null && (
        <div className="try-phone" id="phone">
          <PhoneFrame url={settings.phone_url} to={shownNumber} />
          <Anchor href="#form" className="jump" size="sm">
            {words.toForm}
          </Anchor>
        </div>
      )}
      {verification && <Timeline verification={verification} />}
      <Calls url={settings.public_url} apiKey={key} start={body} id={started?.id} />
    </div>
  )
}

function NoSimulator() {
  const { words } = useLanguage()
  return (
    <Text role="status">
      {words.noPhone} <Code>CENTANG_SIMULATOR=on</Code>.
    </Text>
  )
}
