import type { World } from '../world/world.ts'
import type { AccountNumber } from './account.ts'
import type { Template } from './template.ts'

/** They go to the app, whatever URL the account or a number has; here the first one that gave a URL gave the app one. */
export function enqueueAccountNews(world: World, field: string, value: object): boolean {
  const { account } = world
  const url =
    account.appCallbackUrl ?? account.wabaCallback?.url ?? account.numbers.find((one) => one.callback)?.callback?.url
  const isHeard = account.isSubscribed && account.isAppActive && account.appFields.includes(field)
  if (url === undefined || !isHeard) return false
  world.news.enqueue({
    url,
    secret: account.appSecret,
    signatureHeader: 'x-hub-signature-256',
    userAgent: 'facebookexternalua',
    kind: field,
    item: { field, value },
    itemsMax: 1,
    compose: (changes) => ({
      object: 'whatsapp_business_account',
      entry: [{ id: account.wabaId, time: Math.floor(world.clock.now() / 1000), changes }],
    }),
  })
  return true
}

const named = ({ id, name, language }: Template): object => ({
  message_template_id: Number(id),
  message_template_name: name,
  message_template_language: language.replace('_', '-'),
})

/** What Meta tells when somebody there decides about a template. */
export function tellTemplate(world: World, template: Template, before: Pick<Template, 'status' | 'category'>): void {
  const { status, category } = template
  if (status !== before.status) {
    const isPaused = status === 'PAUSED' && { other_info: { title: 'FIRST_PAUSE', description: 'Low quality.' } }
    const reason = status === 'REJECTED' ? 'INVALID_FORMAT' : 'NONE'
    const told = { event: status, ...named(template), reason, message_template_category: category, ...isPaused }
    enqueueAccountNews(world, 'message_template_status_update', told)
  }
  if (category !== before.category)
    enqueueAccountNews(world, 'template_category_update', {
      ...named(template),
      previous_category: before.category,
      new_category: category,
    })
}

/** What Meta tells when people think otherwise of a number. */
export function tellQuality(world: World, { displayPhoneNumber }: AccountNumber, before: string): void {
  const ratings = ['RED', 'YELLOW', 'GREEN']
  const { qualityRating, messagingLimit } = world.account
  if (qualityRating === before) return
  const isBetter = ratings.indexOf(qualityRating) > ratings.indexOf(before)
  const event =
    qualityRating === 'RED' ? 'FLAGGED' : before === 'RED' ? 'UNFLAGGED' : isBetter ? 'UPGRADE' : 'DOWNGRADE'
  const value = { display_phone_number: displayPhoneNumber, event, current_limit: messagingLimit }
  enqueueAccountNews(world, 'phone_number_quality_update', value)
}
