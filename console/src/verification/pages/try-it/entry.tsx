import { useMutation } from '@tanstack/react-query'
import type { Channel, Verification } from '@centang/sdk'
import { problemText } from '../../../kit/problem-text.ts'
import type { Settings } from '../../../kit/settings.ts'
import { useWords } from '../../../kit/text.ts'
import { cancelVerification, checkCode, resendCode } from '../../api.ts'
import { verificationTexts } from '../../text/texts.ts'
import { CodeForm } from './code-form.tsx'
import { originOf } from './phone-frame.tsx'

interface EntryProps {
  readonly apiKey: string
  readonly settings: Settings
  readonly verification: Verification
  /** Why the state could not be read lately. */
  readonly readError: Error | null
  readonly onChanged: () => void
  readonly onLeave: () => void
}

/** Carries out what is asked of a pending verification: check, send again, cancel. */
export function Entry({ apiKey, settings, verification, readError, onChanged, onLeave }: EntryProps) {
  const { language, words } = useWords(verificationTexts)
  const { id } = verification
  const check = useMutation({ mutationFn: (code: string) => checkCode(apiKey, id, code), onSettled: onChanged })
  const resend = useMutation({
    mutationFn: (channel?: Channel) => resendCode(apiKey, id, channel),
    onSettled: onChanged,
    onMutate: () => check.reset(),
  })
  const cancel = useMutation({ mutationFn: () => cancelVerification(apiKey, id), onSettled: onLeave })
  const textOf = (error: Error | null): string | undefined => (error ? problemText(error, words, language) : undefined)
  // After the last try the next look at the verification says how it ended.
  const left = check.data?.valid === false ? check.data.checks_remaining : 0
  return (
    <CodeForm
      verification={verification}
      channels={settings.channels}
      phoneOrigin={originOf(settings.phone_url)}
      isChecking={check.isPending}
      error={textOf(check.error) ?? (left > 0 ? words.wrong(left) : undefined)}
      sendError={textOf(resend.error ?? readError)}
      onCheck={(code) => {
        resend.reset()
        check.mutate(code)
      }}
      onResend={(channel) => resend.mutate(channel)}
      onCancel={() => cancel.mutate()}
    />
  )
}
