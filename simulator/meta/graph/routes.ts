import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { setTimeout as sleep } from 'node:timers/promises'
import type { World } from '../../world/world.ts'
import { type AccountNumber, numberOf } from '../account.ts'
import { authenticate, authorise, type Bearer } from './access.ts'
import {
  changeNumber,
  changeSettings,
  readNumber,
  readSubscribedApps,
  readWaba,
  register,
  subscribe,
  verifyCode,
} from './account.ts'
import { changeSubscription, debugToken, readSubscriptions } from './app.ts'
import { badParameter, GraphError, internalFault, noSuchNode } from './errors.ts'
import { type Fields, fieldsOf } from './fields.ts'
import { type SendAnswer, sendMessage } from './messages.ts'
import { acceptGraphBodies, unfold } from './request-body.ts'
import { numberFields, wabaFields } from './node-fields.ts'
import { selectFields } from './select-fields.ts'
import { createTemplate, deleteTemplates, templateNode, unpause, upsertTemplates } from './templates/change.ts'
import { listTemplates, previewTemplates } from './templates/list.ts'

interface GraphCall {
  readonly method: string
  readonly node: string
  readonly edge: string
  /** Query and body together, as Graph merges them. */
  readonly fields: Fields
  /** 24 for `v26.0`; without a version the newest there is. */
  readonly version: number
  readonly url: URL
}

type Answer = object | Promise<object>

/** The Graph API under any version, or none: `/meta/v26.0/{node}/{edge}`. */
export async function graphRoutes(app: FastifyInstance, { world }: { world: World }): Promise<void> {
  acceptGraphBodies(app)
  app.setErrorHandler((error, request, reply) => {
    const refusal = refusalOf(error)
    if (refusal.code === 1) request.log.error(error)
    const traceId = `A${world.random.hex(15)}`
    return reply
      .status(refusal.httpStatus)
      .header('x-fb-trace-id', traceId)
      .header('content-type', 'application/json; charset=UTF-8')
      .send(JSON.stringify(refusal.body(traceId)))
  })

  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const call = readCall(request)
    const result = await route(world, call, authenticate(world, request, call.fields))
    if ('isLost' in result) return finishSend(result as SendAnswer, reply)
    return reply.header('facebook-api-version', 'v26.0').send(result)
  }
  app.route({ method: ['GET', 'POST', 'PUT', 'DELETE'], url: '/*', handler: answer })
}

function refusalOf(error: unknown): GraphError {
  if (error instanceof GraphError) return error
  // Fastify's own refusals, of a body that is too large or cut off.
  const { statusCode = 500, message } = error as { statusCode?: number; message: string }
  return statusCode < 500 ? badParameter(message) : internalFault()
}

async function finishSend(result: SendAnswer, reply: FastifyReply): Promise<FastifyReply> {
  if (result.slowMs > 0) await sleep(result.slowMs, undefined, { ref: false })
  if (!result.isLost) return reply.header('facebook-api-version', 'v26.0').send(result.body)
  reply.hijack()
  reply.raw.destroy()
  return reply
}

function readCall(request: FastifyRequest): GraphCall {
  const path = (request.params as { '*': string })['*'].split('/').filter(Boolean)
  const version = /^v(\d+)\.\d+$/.exec(path[0] ?? '')?.[1]
  if (version !== undefined) path.shift()
  const [node = '', edge = '', ...rest] = path
  if (rest.length > 0) throw noSuchNode(request.method, path.join('/'))
  return {
    method: request.method,
    node,
    edge,
    fields: { ...unfold(request.query), ...fieldsOf(request.body) },
    version: version === undefined ? Number.POSITIVE_INFINITY : Number(version),
    url: new URL(request.url, `${request.protocol}://${request.host}`),
  }
}

function route(world: World, call: GraphCall, bearer: Bearer): Answer {
  const { account } = world
  const { method, node, edge, fields, version } = call
  if (node === 'debug_token') return debugToken(world, fields['input_token'])
  if (node === account.appId) return routeApp(world, call, bearer)
  // To the token of an app nothing exists but the app.
  if (bearer === 'app') throw noSuchNode(method, node)
  authorise(world, edge)
  const number = numberOf(account, node)
  if (number) return routeNumber(world, number, call)
  if (node === account.wabaId) return routeWaba(world, call)
  if (method === 'POST' && edge === 'unpause') return unpause(world, node)
  if (edge === '') return templateNode(world, method, node, fields, version)
  throw noSuchNode(method, node)
}

function routeApp(world: World, { method, node, edge, fields }: GraphCall, bearer: Bearer): Answer {
  if (bearer !== 'app') throw new GraphError(15)
  switch (`${method} ${edge}`) {
    case 'GET subscriptions':
      return readSubscriptions(world)
    case 'POST subscriptions':
      return changeSubscription(world, fields)
    default:
      throw noSuchNode(method, node)
  }
}

function routeNumber(world: World, number: AccountNumber, { method, node, edge, fields }: GraphCall): Answer {
  const { account } = world
  switch (`${method} ${edge}`) {
    case 'POST messages':
    case 'PUT messages':
      return sendMessage(world, number, fields)
    case 'GET ':
      return selectFields(readNumber(world, number), fields['fields'], numberFields)
    case 'POST ':
      return changeNumber(world, number, fields)
    case 'POST register':
      return register(world, fields)
    case 'POST deregister':
      account.numberStatus = 'DISCONNECTED'
      return { success: true }
    case 'POST request_code':
      return { success: true }
    case 'POST verify_code':
      return verifyCode(world, number, fields)
    case 'GET settings':
      return { user_identity_change: { enable_identity_key_check: account.isIdentityCheckOn } }
    case 'POST settings':
      return changeSettings(world, fields)
    case 'GET whatsapp_business_profile':
      return { data: [{ messaging_product: 'whatsapp', ...account.profile }] }
    case 'POST whatsapp_business_profile':
      account.profile = { ...account.profile, ...fields }
      return { success: true }
    default:
      throw noSuchNode(method, node)
  }
}

function routeWaba(world: World, { method, node, edge, fields, version, url }: GraphCall): Answer {
  const { account } = world
  switch (`${method} ${edge}`) {
    case 'GET ':
      return selectFields(readWaba(world), fields['fields'], wabaFields)
    case 'GET phone_numbers':
      return {
        data: account.numbers.map((one) => selectFields(readNumber(world, one), fields['fields'], numberFields)),
        paging: { cursors: { before: 'MAZDZD', after: 'MAZDZD' } },
      }
    case 'GET message_templates':
      return listTemplates(world, fields, url)
    case 'POST message_templates':
      return createTemplate(world, fields, version)
    case 'DELETE message_templates':
      return deleteTemplates(world, fields)
    case 'POST upsert_message_templates':
      return upsertTemplates(world, fields, version)
    case 'GET message_template_previews':
      return previewTemplates(fields)
    case 'GET subscribed_apps':
      return readSubscribedApps(world)
    case 'POST subscribed_apps':
      return subscribe(world, fields)
    case 'DELETE subscribed_apps':
      account.isSubscribed = false
      account.wabaCallback = undefined
      return { success: true }
    default:
      throw noSuchNode(method, node)
  }
}
