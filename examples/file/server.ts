import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import { codeStep, curl, keep, readPlace, serveByHand } from '../by-hand.ts'
import { type Centang, connectCentang, Refused } from '../centang.ts'
import { answer, serveJson, textOf } from '../json-server.ts'

export interface ConfidentialFile {
  readonly name: string
  readonly text: string
  /** Phones of those who may read it. */
  readonly readers: readonly string[]
}

const downloadSeconds = 60

/**
 * A file behind a code. Its link alone opens nothing: whoever asks names their phone, and only a reader's phone gets a
 * code. Strangers are answered the same, refusals of Centang too, so that a link does not tell who may read (but for the
 * time an answer takes: send the code from a queue where that matters). What a code opens is read once, and soon.
 */
export function createFileRoom(centang: Centang, files: ReadonlyMap<string, ConfidentialFile>): Server {
  /** Without a verification for a stranger, whose code is wrong whatever it is. */
  const visits = new Map<string, { readonly file: ConfidentialFile; readonly verificationId?: string }>()
  const downloads = new Map<string, { readonly file: ConfidentialFile; readonly until: number }>()

  return serveJson({
    'POST /files/:id': async (asked) => {
      const file = files.get(asked.id)
      if (!file) return answer(404, { error: 'not_found' })
      const phone = textOf(asked, 'phone')
      const visit = randomUUID()
      const started = file.readers.includes(phone)
        ? await centang.start({ to: phone, purpose: `file_${asked.id}`.slice(0, 40), locale: 'id' }).catch(ifRefused)
        : undefined
      visits.set(visit, { file, ...(started && { verificationId: started.id }) })
      return answer(202, { visit })
    },

    'POST /visits/:id': async (asked) => {
      const visit = visits.get(asked.id)
      if (!visit) return answer(404, { error: 'not_found' })
      const checked =
        visit.verificationId && (await centang.check(visit.verificationId, textOf(asked, 'code')).catch(ifRefused))
      if (!checked || !checked.valid) return answer(422, { error: 'wrong_code' })
      visits.delete(asked.id)
      const download = randomUUID()
      downloads.set(download, { file: visit.file, until: Date.now() + downloadSeconds * 1000 })
      return answer(200, { download, expires_in_seconds: downloadSeconds })
    },

    'GET /downloads/:id': ({ id }) => {
      const download = downloads.get(id)
      downloads.delete(id)
      if (!download || download.until < Date.now()) return answer(404, { error: 'not_found' })
      return answer(200, download.file.text)
    },
  })
}

/** A limit that was reached shows whose phone it is; a fault of ours may be seen by anybody. */
function ifRefused(error: unknown): undefined {
  if (!(error instanceof Refused)) throw error
  return undefined
}

if (import.meta.main) {
  const place = await readPlace()
  const files = new Map([['contract', { name: 'contract.txt', text: 'Strictly between us.', readers: [place.phone] }]])
  serveByHand(createFileRoom(connectCentang(place), files), 4003, (own) => [
    ['A reader asks for the contract', keep('VISIT', 'visit', curl(`${own}/files/contract`, { phone: place.phone }))],
    codeStep(place),
    ['The code opens it', keep('DOWNLOAD', 'download', curl(`${own}/visits/$VISIT`, { code: '$CODE' }))],
    ['It is read once, within a minute', curl(`${own}/downloads/$DOWNLOAD`)],
  ])
}
