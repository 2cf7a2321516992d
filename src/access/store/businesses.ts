import type { Application, Business } from '#access/core/business.ts'
import { type Policy, policyDefaults, workflowDefault, type WorkflowTemplateStep } from '#access/core/policy.ts'
import { type Selectable, sql } from 'kysely'
import type { Database } from '#platform/database/database.ts'
import { keepQuota } from '#platform/database/quota.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import { ApiKeyStore } from './api-keys.ts'
import type { AccessTables } from './tables.ts'

export interface NewBusiness {
  /** Given ids make it once: doing it again changes nothing. */
  readonly id?: string
  readonly applicationId?: string
  readonly name: string
  readonly brand?: string | undefined
  readonly locale?: string | undefined
}

export type NewApplication = Omit<Application, 'id' | 'domain' | 'color' | 'hasLogo' | 'createdAt'>

const applicationQuota = { what: 'applications', max: 100 } as const

/** Businesses, their applications and their API keys. */
export class BusinessStore extends ApiKeyStore {
  readonly #database: Database<AccessTables>

  constructor(database: Database) {
    super(database)
    this.#database = database.of<AccessTables>()
  }

  /** A business with one application; keys are made apart. */
  async create(business: NewBusiness, now: Date): Promise<Business & { readonly applicationId: string }> {
    const { id = uuidv7(now.getTime()), applicationId = uuidv7(now.getTime()) } = business
    await this.#database.asEngine(async (trx) => {
      await trx
        .insertInto('business')
        .values({ id, name: business.name, created_at: now })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      await trx
        .insertInto('application')
        .values({
          business_id: id,
          id: applicationId,
          name: business.name,
          brand: business.brand ?? business.name,
          locale: business.locale ?? 'en',
          domain: null,
          color: null,
          logo: null,
          policy: JSON.stringify(policyDefaults),
          workflow: JSON.stringify(workflowDefault),
          created_at: now,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    })
    return { id, name: business.name, applicationId }
  }

  /** Of the whole server, the oldest first. */
  async list({ limit, after }: { readonly limit: number; readonly after: string | undefined }): Promise<Business[]> {
    return this.#database.asEngine((trx) =>
      trx
        .selectFrom('business')
        .select(['id', 'name'])
        .$if(after !== undefined, (query) => query.where('id', '>', after as string))
        .orderBy('id')
        .limit(limit)
        .execute(),
    )
  }

  async findApplication(businessId: string, id: string): Promise<Application | undefined> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('application')
        .selectAll()
        .where('business_id', '=', businessId)
        .where('id', '=', id)
        .executeTakeFirst(),
    )
    return found && readApplication(found)
  }

  /** As a data: URL. It is read where it is shown: whatever else asks for an application has no use for it. */
  async findLogo(businessId: string, id: string): Promise<string | undefined> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('application')
        .select('logo')
        .where('business_id', '=', businessId)
        .where('id', '=', id)
        .executeTakeFirst(),
    )
    return found?.logo ?? undefined
  }

  async listApplications(businessId: string): Promise<Application[]> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx.selectFrom('application').selectAll().where('business_id', '=', businessId).orderBy('id').execute(),
    )
    return found.map(readApplication)
  }

  async createApplication(application: NewApplication, now: Date): Promise<Application> {
    const row = {
      business_id: application.businessId,
      id: uuidv7(now.getTime()),
      name: application.name,
      brand: application.brand,
      locale: application.locale,
      domain: null,
      color: null,
      logo: null,
      policy: JSON.stringify(application.policy),
      workflow: JSON.stringify(application.workflow),
      created_at: now,
    }
    const made = await this.#database.asBusiness(application.businessId, async (trx) => {
      await keepQuota(trx, application.businessId, applicationQuota, async () => {
        const found = trx.selectFrom('application').select('id').where('business_id', '=', application.businessId)
        return (await found.execute()).length
      })
      return trx.insertInto('application').values(row).returningAll().executeTakeFirstOrThrow()
    })
    return readApplication(made)
  }

  /** Only what nobody uses: false when it has keys, or a verification of it is pending. */
  async deleteApplication(businessId: string, id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .deleteFrom('application')
        .where('business_id', '=', businessId)
        .where('id', '=', id)
        .where(
          sql<boolean>`not exists (select from api_key k where k.business_id = ${businessId} and k.application_id = ${id})
            and not exists (select from verification v where v.business_id = ${businessId} and v.application_id = ${id}
              and v.status = 'pending')`,
        )
        .executeTakeFirst(),
    )
    return numDeletedRows > 0n
  }

  /** Changes what is given and leaves the rest; pending verifications keep the policy they started with. */
  async changeApplication(
    businessId: string,
    id: string,
    changes: ApplicationChanges,
  ): Promise<Application | undefined> {
    const before = await this.findApplication(businessId, id)
    if (!before) return undefined
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .updateTable('application')
        .set({
          name: changes.name ?? before.name,
          brand: changes.brand ?? before.brand,
          locale: changes.locale ?? before.locale,
          domain: changes.domain === undefined ? (before.domain ?? null) : changes.domain,
          color: changes.color === undefined ? (before.color ?? null) : changes.color,
          ...(changes.logo !== undefined && { logo: changes.logo }),
          policy: JSON.stringify({ ...before.policy, ...changes.policy }),
          workflow: JSON.stringify(changes.workflow ?? before.workflow),
        })
        .where('business_id', '=', businessId)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst(),
    )
    return found && readApplication(found)
  }
}

export interface ApplicationChanges {
  readonly name?: string | undefined
  readonly brand?: string | undefined
  readonly locale?: string | undefined
  readonly domain?: string | null | undefined
  readonly color?: string | null | undefined
  /** A data: URL. */
  readonly logo?: string | null | undefined
  readonly policy?: Partial<Policy> | undefined
  readonly workflow?: readonly WorkflowTemplateStep[] | undefined
}

const readApplication = (found: Selectable<AccessTables['application']>): Application => ({
  businessId: found.business_id,
  id: found.id,
  name: found.name,
  brand: found.brand,
  locale: found.locale,
  ...(found.domain !== null && { domain: found.domain }),
  ...(found.color !== null && { color: found.color }),
  ...(found.logo !== null && { hasLogo: true }),
  policy: found.policy as Policy,
  workflow: found.workflow as WorkflowTemplateStep[],
  createdAt: found.created_at,
})
