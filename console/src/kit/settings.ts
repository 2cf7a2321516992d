import type { Channel } from '@centang/sdk'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { base } from './base.ts'
import { Problem } from './call.ts'

/** What the server tells the console before anybody gives a key. */
export interface Settings {
  readonly demo_key: string | null
  readonly phone_url: string | null
  readonly public_url: string
  readonly channels: readonly Channel[]
  readonly version: string
}

async function readSettings(): Promise<Settings> {
  const answer = await fetch(`${base}/console/config.json`)
  if (!answer.ok) throw new Problem({}, answer.status, null)
  return (await answer.json()) as Settings
}

export const useSettings = (): UseQueryResult<Settings> =>
  useQuery({ queryKey: ['settings'], queryFn: readSettings, staleTime: Infinity })
