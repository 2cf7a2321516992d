import type { StartBody } from '@centang/sdk'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Problem } from '../../../kit/call.ts'
import { useLanguage } from '../../../kit/language.tsx'
import { readVerification, type SeenVerification, startVerification } from '../../api.ts'
import type { Choice } from './choice.ts'

export interface Trial {
  readonly choice: Choice
  readonly choose: (changes: Partial<Choice>) => void
  /** What the form sends. */
  readonly body: StartBody
  readonly start: () => void
  readonly isStarting: boolean
  /** Why the last start failed. */
  readonly startError: Error | null
  readonly forgetStartError: () => void
  /** Undefined: none was started yet, or it was left. */
  readonly verification: SeenVerification | undefined
  /** Why its state could not be read lately. */
  readonly readError: Error | null
  readonly readAgain: () => void
  /** The number whose phone is shown. */
  readonly shownNumber: string
  readonly hasLeft: boolean
  readonly leave: () => void
}

const firstChoice: Choice = { to: '+6281234567890', locale: undefined, channel: undefined }

/** One verification after the other, from the choice in the form to how it ended. */
export function useTrial(key: string): Trial {
  const { language } = useLanguage()
  const [choice, setChoice] = useState(firstChoice)
  const [shownNumber, setShownNumber] = useState(firstChoice.to)
  const [started, setStarted] = useState<SeenVerification>()
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
  return {
    choice,
    choose,
    body,
    start: start.mutate,
    isStarting: start.isPending,
    startError: start.error,
    forgetStartError: start.reset,
    verification: started && (live.data ?? started),
    readError: live.error,
    readAgain: () => void live.refetch(),
    shownNumber,
    hasLeft,
    leave: () => {
      setHasLeft(true)
      setStarted(undefined)
    },
  }
}
