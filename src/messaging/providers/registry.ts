import type { ChannelProvider } from '#messaging/core/provider.ts'
import { provider as smsHttp } from './sms/http/provider.ts'
import { provider as whatsappCloudApi } from './whatsapp/cloud-api/provider.ts'

/** Every provider there is. Only here does anything outside of a provider's folder name it. */
const every: readonly ChannelProvider[] = [smsHttp, whatsappCloudApi]

export const providers: ReadonlyMap<string, ChannelProvider> = new Map(every.map((one) => [one.id, one]))
