import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { setTimeout as sleep } from 'node:timers/promises'
import type { World } from '../world.ts'
import {
  changeNumber,
  debugToken,
  readNumber,
  readSubscriptions,
  readWaba,
  register,
  selectFields,
  subscribe,
  verifyCode,
} from './account.ts'
import { GraphError, noSuchNode } from './errors.ts'
import { type Fields, fieldsOf } from './fields.ts'
import { type SendAnswer, sendMessage } from './messages.ts'
import {
  createTemplate,
  deleteTemplates,
  listTemplates,
  previewTemplates,
  templateNode,
  unpause,
  upsertTemplates,
} from './templates.ts'

interface GraphCall {
  readonly method: string
  readonly node: string
  readonly edge: string
  /** Query and body together, as Graph merges them. */
  readonly fields: Fields
}

/** The Graph API under any version, or none: `/meta/v24.0/{node}/{edge}`. */
export async function graphRoutes(app: FastifyInstance, { world }: { world: World }): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? {} : JSON.parse(body as string))
    } catch {
      done(new GraphError(100, undefined, { message: '(#100) Invalid JSON' }))
    }
  })
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(body as string))),
  )
  app.setErrorHandler((error, _request, reply) => {
    const refusal = error instanceof GraphError ? error : new GraphError(1, undefined, { httpStatus: 500 })
    const traceId = `A${world.random.hex(15)}`
    return reply
      .status(refusal.httpStatus)
      .header('x-fb-trace-id', traceId)
      .header('content-type', 'application/json; charset=UTF-8')
      .send(JSON.stringify(refusal.body(traceId)))
  })

  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const call = readCall(request)
    authorise(world, request, call.fields)
    const result = await route(world, call)
    if ('isLost' in result) return finishSend(result as SendAnswer, reply)
    return reply.header('facebook-api-version', 'v24.0').send(result)
  }
  app.route({ method: ['GET', 'POST', 'PUT', 'DELETE'], url: '/*', handler: answer })
}

async function finishSend(result: SendAnswer, reply: FastifyReply): Promise<FastifyReply> {
  if (result.slowMs > 0) await sleep(result.slowMs, undefined, { ref: false })
  if (!result.isLost) return reply.header('facebook-api-version', 'v24.0').send(result.body)
  reply.hijack()
  reply.raw.destroy()
  return reply
}

function readCall(request: FastifyRequest): GraphCall {
  const path = (request.params as { '*': string })['*'].split('/').filter(Boolean)
  if (/^v\d+\.\d+$/.test(path[0] ?? '')) path.shift()
  const [node = '', edge = '', ...rest] = path
  if (rest.length > 0) throw noSuchNode(request.method, path.join('/'))
  const fields = { ...(request.query as object), ...fieldsOf(request.body) }
  return { method: request.method, node, edge, fields }
}

function authorise({ account }: World, request: FastifyRequest, fields: Fields): void {
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const token = bearer ?? fields['access_token']
  if (token === undefined)
    throw new GraphError(104, undefined, { message: 'An access token is required to request this resource.' })
  if (token !== account.accessToken) throw new GraphError(190)
}

function route(world: World, { method, node, edge, fields }: GraphCall): object | Promise<object> {
  const { account } = world
  const call = `${method} ${edge}`
  if (node === 'debug_token') return debugToken(world, fields['input_token'])
  if (node === account.phoneNumberId) return routeNumber(world, call, fields) ?? failUnknown(method, node)
  if (node === account.wabaId) return routeWaba(world, call, fields) ?? failUnknown(method, node)
  if (call === 'POST unpause') return unpause(world, node)
  if (edge === '') return templateNode(world, method, node, fields) ?? failUnknown(method, node)
  return failUnknown(method, node)
}

function failUnknown(method: string, node: string): never {
  throw noSuchNode(method, node)
}

const usualNumberFields = [
  'verified_name',
  'code_verification_status',
  'display_phone_number',
  'quality_rating',
  'platform_type',
  'throughput',
  'webhook_configuration',
]

function routeNumber(world: World, call: string, fields: Fields): object | Promise<object> | undefined {
  const { account } = world
  switch (call) {
    case 'POST messages':
    case 'PUT messages':
      return sendMessage(world, fields)
    case 'GET ':
      return selectFields(readNumber(world), fields['fields'], usualNumberFields)
    case 'POST ':
      return changeNumber(world, fields)
    case 'POST register':
      return register(world, fields)
    case 'POST deregister':
      account.numberStatus = 'DISCONNECTED'
      return { success: true }
    case 'POST request_code':
      return { success: true }
    case 'POST verify_code':
      return verifyCode(world, fields)
    case 'GET settings':
      return { user_identity_change: { enable_identity_key_check: account.isIdentityCheckOn } }
    case 'POST settings':
      account.isIdentityCheckOn = fieldsOf(fields['user_identity_change'])['enable_identity_key_check'] === true
      return { success: true }
    case 'GET whatsapp_business_profile':
      return { data: [{ messaging_product: 'whatsapp', ...account.profile }] }
    case 'POST whatsapp_business_profile':
      account.profile = { ...account.profile, ...fields }
      return { success: true }
    default:
      return undefined
  }
}

function routeWaba(world: World, call: string, fields: Fields): object | Promise<object> | undefined {
  const { account } = world
  switch (call) {
    case 'GET ':
      return selectFields(readWaba(world), fields['fields'], ['name', 'timezone_id', 'message_template_namespace'])
    case 'GET phone_numbers':
      return {
        data: [selectFields(readNumber(world), fields['fields'], usualNumberFields)],
        paging: { cursors: { before: 'MAZDZD', after: 'MAZDZD' } },
      }
    case 'GET message_templates':
      return listTemplates(world, fields)
    case 'POST message_templates':
      return createTemplate(world, fields)
    case 'DELETE message_templates':
      return deleteTemplates(world, fields)
    case 'POST upsert_message_templates':
      return upsertTemplates(world, fields)
    case 'GET message_template_previews':
      return previewTemplates(fields)
    case 'GET subscribed_apps':
      return readSubscriptions(world)
    case 'POST subscribed_apps':
      return subscribe(world, fields)
    case 'DELETE subscribed_apps':
      account.isSubscribed = false
      account.wabaCallback = undefined
      return { success: true }
    default:
      return undefined
  }
}
