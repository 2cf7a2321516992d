import { request } from 'undici'
import { mayCall } from '../../world/callback-reach.ts'
import type { World } from '../../world/world.ts'
import type { Callback } from '../account.ts'
import { badParameter, GraphError } from './errors.ts'
import { type Fields, textOf } from './fields.ts'

const lengthMax = 200
const challenge = '1158201444'
const timeoutMs = 5000

/** A new URL has to answer the verification GET before it is taken. Without a URL there is none any more. */
export async function readCallback(world: World, body: Fields, member: string): Promise<Callback | undefined> {
  const url = textOf(body[member])
  if (url === undefined) return undefined
  const verifyToken = textOf(body['verify_token'])
  if (url.length > lengthMax || verifyToken === undefined)
    throw badParameter(`Param ${member} must have at most ${lengthMax} characters and needs a verify_token.`)
  if (!(await mayCall(world, url)))
    throw failed('the simulator may only call this machine and the hosts in CENTANG_SIMULATOR_CALLBACK_HOSTS')
  const query = new URLSearchParams({
    'hub.mode': 'subscribe',
    'hub.challenge': challenge,
    'hub.verify_token': verifyToken,
  })
  const answer = await request(`${url}?${query.toString()}`, { headersTimeout: timeoutMs, bodyTimeout: timeoutMs })
    .then(async ({ statusCode, body: text }) => ({ statusCode, text: await text.text() }))
    .catch(() => undefined)
  if (answer?.statusCode !== 200 || answer.text !== challenge)
    throw failed(`HTTP Status Code = ${answer?.statusCode ?? 'none'}`)
  return { url, verifyToken }
}

const failed = (why: string): GraphError =>
  new GraphError(2200, undefined, {
    message: `(#2200) Callback verification failed with the following errors: ${why}`,
  })
