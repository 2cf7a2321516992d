import { useMutation } from '@tanstack/react-query'
import { cancelVerification, type Channel, checkCode, resendCode, type Settings, type Verification } from '../api.ts'
import { useLanguage } from '../text/language.tsx'
import { CodeForm } from './code-form.tsx'
import { problemText } from './problem-text.ts'

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
  const { language, words } = useLanguage()
  const { id } = verification
  const check = useMutation({ mutationFn: (code: string) => checkCode(apiKey, id, code), onSettled: onChanged })
  const resend = useMutation({
    mutationFn: (channel?: Channel) => resendCode(apiKey, id, channel),
    onSettled: onChanged,
    onMutate: () => check.reset(),
  })
  const cancel = useMutation({ mutationFn: () => cancelVerification(apiKey, id), onSettled: onLeave })
  const wrong = check.data?.valid === false ? wrongText(check.data.checks_remaining) : undefined
  function wrongText(left: number): string {
    return left === 0 ? words.wrongLast : words.wrong(left)
  }
  const failed = check.error ?? resend.error ?? readError
  return (
    <CodeForm
      verification={verification}
      channels={settings.channels}
      isChecking={check.isPending}
      error={failed ? problemText(failed, words, language) : wrong}
      onCheck={(code) => {
        resend.reset()
        check.mutate(code)
      }}
      onResend={(channel) => resend.mutate(channel)}
      onCancel={() => cancel.mutate()}
    />
  )
}
