import type { Api } from './api.ts'
import { CommandFailed, exitCodes, usageError } from './exit.ts'
import type { EndpointView } from './webhook-view.ts'

export const pathOf = (endpoint: string): string => `/v1/webhook_endpoints/${encodeURIComponent(endpoint)}`

/** The endpoint that is named, or the only one there is. */
export async function findEndpoint(api: Api, given: string | undefined): Promise<EndpointView> {
  if (given !== undefined) return api.call<EndpointView>('GET', pathOf(given))
  const { data } = await api.call<{ data: EndpointView[] }>('GET', '/v1/webhook_endpoints')
  const [only, another] = data
  if (!only)
    throw new CommandFailed(
      exitCodes.failed,
      'There is no webhook endpoint in the mode of this key. Add one: centang webhooks create <url>',
      { code: 'no_webhook_endpoint' },
    )
  if (another) throw usageError(`Which endpoint? There are ${data.length}:\n${data.map(spell).join('\n')}`)
  return only
}

const spell = ({ id, url }: EndpointView): string => `  ${id}  ${url}`
