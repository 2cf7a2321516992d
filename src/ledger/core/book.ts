/** One owner's accounts in one world. Money never leaves its book. */
export interface Book {
  readonly businessId: string
  readonly live: boolean
}
