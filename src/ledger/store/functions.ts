import { functionNames } from '#platform/database/functions.ts'

/** Spells a function of this module as it is called in the database. */
export const functionName = functionNames(new URL('../', import.meta.url))
