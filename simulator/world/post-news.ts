import { createHmac } from 'node:crypto'
import { Agent, request } from 'undici'

/** Something to tell a business: how it is put into a body, and how the body is signed. */
export interface News {
  readonly url: string
  readonly secret: string
  readonly signatureHeader: string
  readonly userAgent: string
  /** News of one kind and URL travel together. */
  readonly kind: string
  readonly item: unknown
  /** The body of several items. */
  readonly compose: (items: readonly unknown[]) => unknown
  readonly itemsMax: number
}

export interface NewsPost {
  /** Whether the business took them; all of one kind and URL. */
  send(news: readonly [News, ...News[]]): Promise<boolean>
  close(): Promise<void>
}

/** Carries news over HTTP, signed. */
export function createNewsPost(): NewsPost {
  const agent = new Agent({
    connections: 32,
    pipelining: 1,
    headersTimeout: 10_000,
    bodyTimeout: 10_000,
    connect: { timeout: 3000 },
  })
  return {
    async send(news) {
      const [{ url, secret, signatureHeader, userAgent, compose }] = news
      const body = spellJson(compose(news.map(({ item }) => item)))
      try {
        const answer = await request(url, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'user-agent': userAgent,
            [signatureHeader]: `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
          },
          body,
          dispatcher: agent,
        })
        await answer.body.dump()
        return answer.statusCode === 200
      } catch {
        return false
      }
    },
    close: () => agent.close(),
  }
}

/** As Meta spells it: ASCII only, lower-case escapes, and slashes escaped too. */
const spellJson = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replaceAll(/[\u0080-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
