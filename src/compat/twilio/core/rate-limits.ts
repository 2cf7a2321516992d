/** As many as a service may have, and as many as one start may name. */
export const limitsPerService = 10

export const bucketsPerLimit = 5

/** Spent counters of windows that are over, forgotten with each spending: more than one spending can make. */
export const forgottenAtOnce = 2 * limitsPerService * bucketsPerLimit
