import type { FastifyInstance } from 'fastify'
import { needs } from '#platform/http/permissions.ts'
import { answerVonageError, vonageErrors } from './errors.ts'
import type { VonageTakes } from './takes.ts'

type Takes = Pick<VonageTakes, 'publicUrl'>

/**
 * The texts of this server are one template, which cannot be changed here: WhatsApp's are approved by Meta, and the
 * others say what a code has to say. Its id never changes, so that whoever configured it may go on naming it.
 */
export const defaultTemplateId = '8f35a1a7-eb2f-4552-8fdf-fffdaee41bc9'

const path = '/v2/verify/templates'

/** Templates as far as there are any: one to read, with no fragments of its own, and none to make. */
export function templateRoutes(app: FastifyInstance, takes: Takes): void {
  const link = (rest: string) => ({ href: `${takes.publicUrl()}${path}${rest}` })
  const template = () => ({
    template_id: defaultTemplateId,
    name: 'default',
    is_default: true,
    _links: {
      self: link(`/${defaultTemplateId}`),
      fragments: link(`/${defaultTemplateId}/template_fragments`),
    },
  })
  const page = (rest: string, name: string, items: readonly object[]) => ({
    page_size: 100,
    page: 1,
    total_pages: 1,
    total_items: items.length,
    _embedded: { [name]: items },
    _links: { self: link(rest), last: link(rest) },
  })

  for (const slash of ['', '/']) {
    app.get(`/templates${slash}`, needs('compat:read'), async () => page('', 'templates', [template()]))
    app.post(`/templates${slash}`, needs('compat:read'), (_request, reply) =>
      answerVonageError(reply, vonageErrors.templateCap),
    )
    const ofTemplate = `/templates/:template${slash}`
    app.get(ofTemplate, needs('compat:read'), async (request, reply) =>
      isDefault(request.params) ? template() : answerVonageError(reply, vonageErrors.templateNotFound),
    )
    app.route({
      ...needs('compat:read'),
      method: ['PATCH', 'DELETE'],
      url: ofTemplate,
      handler: (request, reply) =>
        answerVonageError(reply, isDefault(request.params) ? vonageErrors.templateCap : vonageErrors.templateNotFound),
    })
    const fragments = `/templates/:template/template_fragments${slash}`
    app.get(fragments, needs('compat:read'), async (request, reply) =>
      isDefault(request.params)
        ? page(`/${defaultTemplateId}/template_fragments`, 'template_fragments', [])
        : answerVonageError(reply, vonageErrors.templateNotFound),
    )
    app.post(fragments, needs('compat:read'), (request, reply) =>
      answerVonageError(reply, isDefault(request.params) ? vonageErrors.templateCap : vonageErrors.templateNotFound),
    )
    app.route({
      ...needs('compat:read'),
      method: ['GET', 'PATCH', 'DELETE'],
      url: `/templates/:template/template_fragments/:fragment${slash}`,
      handler: (_request, reply) => answerVonageError(reply, vonageErrors.templateNotFound),
    })
  }
}

const isDefault = (parameters: unknown): boolean =>
  (parameters as { template: string }).template.toLowerCase() === defaultTemplateId
