import { Alert, Anchor, Card, Loader, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { cancelVerification, type Channel, checkCode, readSettings, readVerification, resendCode, type Settings, type StartBody, startVerification, type Verification } from '../api.ts'
import { CodeForm } from '../components/code-form.tsx'
import { Outcome } from '../components/outcome.tsx'
import { PhoneFrame } from '../components/phone-frame.tsx'
import { problemText } from '../components/problem-text.ts'
import { SendForm } from '../components/send-form.tsx'
import { Snippet } from '../components/snippet.tsx'
import { Timeline } from '../components/timeline.tsx'
import { useLanguage } from '../text/language.tsx'

const firstNumber = '+6281234567890'

/** The first page of the console: the whole of a verification in one look. */
export function TryIt() {
  const { words } = useLanguage()
  const settings = useQuery({ queryKey: ['settings'], queryFn: readSettings, staleTime: Infinity })
  if (settings.isPending) return <Loader aria-label="…" />
  if (settings.isError) return <Alert color="red">{problemText(settings.error, words)}</Alert>
  return <Trial settings={settings.data} />
}

function Trial({ settings }: { settings: Settings }) {
  const { words } = useLanguage()
  const [ownKey, setOwnKey] = useState(() => sessionStorage.getItem('centang-key') ?? '')
  const key = settings.demo_key ?? ownKey
  const [started, setStarted] = useState<Verification>()
  const [number, setNumber] = useState(firstNumber)
  const remember = (typed: string): void => {
    sessionStorage.setItem('centang-key', typed)
    setOwnKey(typed)
  }
  return (
    <div className="try">
      <Stack gap="lg">
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
          <PasswordInput label={words.key} description={words.keyHint} autoComplete="off" value={ownKey} onChange={(event) => remember(event.currentTarget.value)} />
        )}
        <Card withBorder padding="lg" radius="lg">
          <Steps apiKey={key} settings={settings} started={started} number={number} onStarted={(verification) => { setStarted(verification); if (verification) setNumber(verification.to) }} />
        </Card>
        <Calls url={settings.public_url} apiKey={key} number={number} id={started?.id} />
      </Stack>
      {settings.phone_url === null ? <Text c="dimmed">{words.noPhone}</Text> : <PhoneFrame url={settings.phone_url} to={number} />}
    </div>
  )
}

interface StepsProps {
  readonly apiKey: string
  readonly settings: Settings
  readonly started: Verification | undefined
  readonly number: string
  readonly onStarted: (verification: Verification | undefined) => void
}

function Steps({ apiKey, settings, started, number, onStarted }: StepsProps) {
  const { words } = useLanguage()
  const start = useMutation({ mutationFn: (body: StartBody) => startVerification(apiKey, body), onSuccess: onStarted })
  const live = useQuery({
    queryKey: ['verification', started?.id],
    queryFn: () => readVerification(apiKey, started?.id ?? ''),
    enabled: started !== undefined,
    refetchInterval: ({ state }) => (state.data === undefined || state.data.status === 'pending' ? 700 : false),
  })
  const verification = started && (live.data ?? started)
  if (!verification) {
    const error = start.isError ? problemText(start.error, words) : undefined
    return <SendForm initialNumber={number} channels={settings.channels} isSending={start.isPending} error={error} onSend={start.mutate} />
  }
  return (
    <Stack gap="xl">
      {verification.status === 'pending' ? (
        <Entry apiKey={apiKey} settings={settings} verification={verification} onChanged={() => void live.refetch()} onLeave={() => onStarted(undefined)} />
      ) : (
        <Outcome verification={verification} onAgain={() => onStarted(undefined)} />
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

interface EntryProps {
  readonly apiKey: string
  readonly settings: Settings
  readonly verification: Verification
  readonly onChanged: () => void
  readonly onLeave: () => void
}

function Entry({ apiKey, settings, verification, onChanged, onLeave }: EntryProps) {
  const { words } = useLanguage()
  const { id } = verification
  const check = useMutation({ mutationFn: (code: string) => checkCode(apiKey, id, code), onSettled: onChanged })
  const resend = useMutation({ mutationFn: (channel?: Channel) => resendCode(apiKey, id, channel), onSettled: onChanged, onMutate: () => check.reset() })
  const cancel = useMutation({ mutationFn: () => cancelVerification(apiKey, id), onSettled: onLeave })
  const wrong = check.data?.valid === false ? wrongText(check.data.checks_remaining) : undefined
  function wrongText(left: number): string {
    return left === 0 ? words.wrongLast : words.wrong(left)
  }
  const failed = check.error ?? resend.error
  return (
    <CodeForm
      verification={verification}
      channels={settings.channels}
      isChecking={check.isPending}
      error={failed ? problemText(failed, words) : wrong}
      notice={resend.isSuccess ? words.sentAgain(words.channels[resend.data.channel]) : undefined}
      onCheck={(code) => {
        resend.reset()
        check.mutate(code)
      }}
      onResend={(channel) => resend.mutate(channel)}
      onCancel={() => cancel.mutate()}
    />
  )
}

function Calls({ url, apiKey, number, id }: { url: string; apiKey: string; number: string; id: string | undefined }) {
  const { words } = useLanguage()
  const spell = (path: string, body: object): string =>
    `curl ${url}/v1/${path} \\\n  -H 'Authorization: Bearer ${apiKey}' \\\n  -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(body)}'`
  return (
    <Card withBorder padding="lg" radius="lg">
      <Stack gap="sm">
        <Title order={2} size="h5">
          {words.curl}
        </Title>
        <Snippet title={words.startCall} text={spell('verifications', { to: number })} secret={apiKey} />
        <Snippet title={words.checkCall} text={spell(`verifications/${id ?? 'ver_…'}/check`, { code: '123456' })} secret={apiKey} />
      </Stack>
    </Card>
  )
}
