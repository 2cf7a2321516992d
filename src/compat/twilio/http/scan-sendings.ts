import parsePhoneNumber from 'libphonenumber-js/max'
import type { Sending } from '#verification/port.ts'
import { notOffered } from './errors.ts'
import type { PageWanted } from './page.ts'
import type { AttemptFilter } from './sending-filter.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<TwilioTakes, 'verification'>

const batchSize = 1000
/** A page looks at so many and is short then; the next one goes on from there. */
const scannedForPage = 10_000
const scannedForSummary = 50_000

export const countryOf = (recipient: string): string | null =>
  recipient.startsWith('+') ? (parsePhoneNumber(recipient)?.country ?? null) : null

/** The sendings of a page, and where the next one begins when this one ends before the page is full. */
export async function findSendings(
  takes: Takes,
  { sendings, country }: AttemptFilter,
  { skip, size, after }: PageWanted,
): Promise<{ readonly found: Sending[]; readonly goesOnAfter?: string }> {
  const limit = skip + size + 1
  if (country === undefined) {
    const found = await takes.verification.sendings.listSendings({
      ...sendings,
      limit,
      ...(after !== undefined && { before: after }),
    })
    return { found }
  }
  const found: Sending[] = []
  let scanned = 0
  for await (const batch of batches(takes, { sendings, country }, after)) {
    scanned += batch.length
    found.push(...batch.filter(({ recipient }) => countryOf(recipient) === country))
    if (found.length >= limit) return { found: found.slice(0, limit) }
    const last = batch.at(-1)
    if (scanned >= scannedForPage && last) return { found, goesOnAfter: last.id }
  }
  return { found }
}

export async function countSendings(
  takes: Takes,
  { sendings, country }: AttemptFilter,
): Promise<{ readonly all: number; readonly converted: number }> {
  if (country === undefined) return takes.verification.sendings.countSendings(sendings)
  const { all: toLookAt } = await takes.verification.sendings.countSendings(sendings)
  if (toLookAt > scannedForSummary) {
    throw notOffered(`a country among more than ${scannedForSummary} attempts; narrow it by DateCreatedAfter`)
  }
  let [all, converted] = [0, 0]
  for await (const batch of batches(takes, { sendings, country }, undefined)) {
    const own = batch.filter(({ recipient }) => countryOf(recipient) === country)
    all += own.length
    converted += own.filter(({ verificationStatus }) => verificationStatus === 'approved').length
  }
  return { all, converted }
}

async function* batches(
  takes: Takes,
  { sendings }: AttemptFilter,
  after: string | undefined,
): AsyncGenerator<readonly Sending[]> {
  for (let before = after; ;) {
    const batch = await takes.verification.sendings.listSendings({
      ...sendings,
      limit: batchSize,
      ...(before !== undefined && { before }),
    })
    if (batch.length > 0) yield batch
    if (batch.length < batchSize) return
    before = batch.at(-1)?.id
  }
}
