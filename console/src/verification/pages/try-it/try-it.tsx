import './try-it.css'
import { Alert, Anchor, Card, Code, Loader, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { problemText } from '../../../kit/problem-text.ts'
import { type Settings, useSettings } from '../../../kit/settings.ts'
import { useWords } from '../../../kit/text.ts'
import { verificationTexts } from '../../text/texts.ts'
import { Calls } from './calls.tsx'
import { Entry } from './entry.tsx'
import { KeyField, keyOfTab } from '../../../kit/key-field.tsx'
import { Outcome } from './outcome.tsx'
import { PhoneFrame } from './phone-frame.tsx'
import { SendForm } from './send-form.tsx'
import { Timeline } from './timeline.tsx'
import { type Trial, useTrial } from './use-trial.ts'

/** The first page of the console: the whole of a verification in one look. */
export function TryIt() {
  const { language, words } = useWords(verificationTexts)
  const settings = useSettings()
  if (settings.isPending) return <Loader aria-label={words.loading} />
  if (settings.isError) return <Alert color="red">{problemText(settings.error, words, language)}</Alert>
  return <Whole settings={settings.data} />
}

function Whole({ settings }: { settings: Settings }) {
  const { words } = useWords(verificationTexts)
  const [ownKey, setOwnKey] = useState(keyOfTab)
  const key = settings.demo_key ?? ownKey
  const trial = useTrial(key)
  const { verification } = trial
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
          <KeyField
            value={ownKey}
            error={trial.startError}
            onChange={(typed) => {
              trial.forgetStartError()
              setOwnKey(typed)
            }}
          />
        )}
        <Card withBorder padding="lg" radius="lg">
          {settings.phone_url === null ? <NoSimulator /> : <Step apiKey={key} settings={settings} trial={trial} />}
        </Card>
      </Stack>
      {settings.phone_url !== null && (
        <div className="try-phone" id="phone">
          <PhoneFrame url={settings.phone_url} to={trial.shownNumber} />
          <Anchor href="#form" className="jump" size="sm">
            {words.toForm}
          </Anchor>
        </div>
      )}
      {verification && <Timeline verification={verification} />}
      <Calls url={settings.public_url} apiKey={key} start={trial.body} id={verification?.id} />
    </div>
  )
}

/** Where the verification stands: not begun, waiting for its code, or ended. */
function Step({ apiKey, settings, trial }: { apiKey: string; settings: Settings; trial: Trial }) {
  const { verification, leave } = trial
  if (!verification)
    return (
      <SendForm
        choice={trial.choice}
        channels={settings.channels}
        isSending={trial.isStarting}
        error={trial.startError}
        hasKeyField={settings.demo_key === null}
        isReturning={trial.hasLeft}
        onChoose={trial.choose}
        onSend={trial.start}
      />
    )
  if (verification.status !== 'pending') return <Outcome verification={verification} onAgain={leave} />
  return (
    <Entry
      apiKey={apiKey}
      settings={settings}
      verification={verification}
      readError={trial.readError}
      onChanged={trial.readAgain}
      onLeave={leave}
    />
  )
}

function NoSimulator() {
  const { words } = useWords(verificationTexts)
  return (
    <Text role="status">
      {words.noPhone} <Code>CENTANG_SIMULATOR=on</Code>.
    </Text>
  )
}
