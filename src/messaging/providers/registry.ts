import type { ChannelProvider } from '#messaging/core/channel.ts'
import { smsHttp } from './sms/http.ts'
import { whatsappCloudApi } from './whatsapp/cloud-api.ts'

/** Every provider there is, by its id. Add a line to add one. */
export const providers: Readonly<Record<string, ChannelProvider>> = {
  [smsHttp.id]: smsHttp,
  [whatsappCloudApi.id]: whatsappCloudApi,
}
