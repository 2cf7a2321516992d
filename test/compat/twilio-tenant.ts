import { bearer } from '../kit/api.ts'
import type { Business, SharedServer } from '../kit/shared.ts'

export interface TwilioAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: any
}

/** A business of its own with Twilio's names, and requests as bytes: no client in between that would tidy them. */
export async function twilioTenant(server: SharedServer, name?: string) {
  const business: Business = await server.freshBusiness(name)
  const path = `/v1/applications/${business.application}/credentials`
  const { account_sid: account, service_sid: service } = (
    await server.call('GET', path, undefined, bearer(business.key))
  ).body.twilio
  const authorization = `Basic ${Buffer.from(`${account}:${business.key}`).toString('base64')}`
  const send = async (method: string, path: string, form?: string | Record<string, string>): Promise<TwilioAnswer> => {
    const answer = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        authorization,
        ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form !== undefined && { body: typeof form === 'string' ? form : new URLSearchParams(form).toString() }),
    })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) }
  }
  return {
    ...business,
    account: account as string,
    service: service as string,
    base: `/v2/Services/${service}`,
    get: (path: string) => send('GET', path),
    post: (path: string, form: string | Record<string, string> = '') => send('POST', path, form),
    remove: (path: string) => send('DELETE', path),
  }
}

export type TwilioTenant = Awaited<ReturnType<typeof twilioTenant>>
