import type { Selectable } from 'kysely'
import type { TotpChallenge, TotpEntity, TotpFactor } from '#totp/core/factor.ts'
import type { TotpConfig } from '#totp/core/totp.ts'
import type { TenantTransaction } from '#platform/database/database.ts'
import type { TotpTables } from './tables.ts'

export const lockFactor = (trx: TenantTransaction<TotpTables>, businessId: string, id: string) =>
  trx
    .selectFrom('totp_factor')
    .selectAll()
    .where('business_id', '=', businessId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()

export const readEntity = (found: Selectable<TotpTables['totp_entity']>): TotpEntity => ({
  businessId: found.business_id,
  applicationId: found.application_id,
  live: found.live,
  id: found.id,
  identity: found.identity,
  createdAt: found.created_at,
})

export const readFactor = (found: Selectable<TotpTables['totp_factor']>): TotpFactor => ({
  businessId: found.business_id,
  id: found.id,
  entityId: found.entity_id,
  friendlyName: found.friendly_name,
  config: found.config as TotpConfig,
  ...(found.metadata !== null && { metadata: found.metadata }),
  ...(found.verified_at && { verifiedAt: found.verified_at }),
  ...(found.last_step !== null && { lastStep: Number(found.last_step) }),
  budget: { failedAt: found.failed_at, failedConsecutive: found.failed_consecutive },
  createdAt: found.created_at,
  updatedAt: found.updated_at,
})

export const readChallenge = (found: Selectable<TotpTables['totp_challenge']>): TotpChallenge => ({
  businessId: found.business_id,
  id: found.id,
  factorId: found.factor_id,
  ...(found.details !== null && { details: found.details }),
  ...(found.hidden_details !== null && { hiddenDetails: found.hidden_details }),
  expiresAt: found.expires_at,
  ...(found.approved_at && { approvedAt: found.approved_at }),
  createdAt: found.created_at,
})
