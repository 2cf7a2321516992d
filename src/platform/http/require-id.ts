import { readId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

/** The UUID in a path; what is no id of that kind is nobody's. */
export function requireId(prefix: string, spelled: string): string {
  const id = readId(prefix, spelled)
  if (id === undefined) throw new Refusal(platformRefusals.resource_not_found)
  return id
}
