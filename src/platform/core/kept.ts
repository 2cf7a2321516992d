/** How a table is split into partitions: by the time in the rows' UUIDv7 `id`, or by a column that is a time. */
export interface PartitionedTable {
  readonly table: string
  /** The column that the table is partitioned by. */
  readonly column: string
  readonly type: 'uuid' | 'timestamptz'
}

export const dayMs = 86_400_000
export const hourMs = 3_600_000

/** What a step of forgetting came to. */
export interface Forgotten {
  readonly rows: number
  /** Another step may find some. */
  readonly hasMore: boolean
}

/** Of a statement that deletes as many as there are, and no more than the limit. */
export const forgotten = (deleted: bigint | undefined, limit: number): Forgotten => ({
  rows: Number(deleted ?? 0n),
  hasMore: deleted === BigInt(limit),
})
