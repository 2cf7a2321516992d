export interface ProviderRequest {
  readonly method: 'POST' | 'GET' | 'PUT'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface ProviderAnswer {
  readonly status: number
  readonly body: string
}

/** One call to a vendor on behalf of a sender. Throws what the network throws. */
export type Call = (wanted: ProviderRequest) => Promise<ProviderAnswer>
