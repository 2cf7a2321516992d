import assert from 'node:assert/strict'
import { it } from 'node:test'
import { examplePath } from './example-path.ts'

it('an example of a path has ids that begin as those of the thing do, with that of its own module', () => {
  const prefixes = [
    { delivery: 'dlv' },
    { business: 'biz', apiKey: 'key' },
    { endpoint: 'end', endpointDelivery: 'edl' },
  ]
  const digits = '019a6b0c2f4e7c3d8a51e2f60b7d9c14'
  const examples = {
    '/v1/businesses/{id}': `/v1/businesses/biz_${digits}`,
    '/v1/api_keys/{id}/limits': `/v1/api_keys/key_${digits}/limits`,
    '/v1/deliveries/{id}': `/v1/deliveries/dlv_${digits}`,
    '/v1/endpoints/{id}/deliveries/{deliveryId}': `/v1/endpoints/end_${digits}/deliveries/edl_${digits}`,
    '/v1/unheard_of/{id}': `/v1/unheard_of/id_${digits}`,
    '/v1/businesses': '/v1/businesses',
  }
  for (const [path, example] of Object.entries(examples)) assert.equal(examplePath(path, prefixes), example)
})
