/** `ck_test_…` or `ck_live_…`: the mode can be read off a key, and secret scanners know the prefix. */
export const apiKeyPattern = /^ck_(test|live)_[A-Za-z0-9_-]{8,200}$/

/** @param random 32 random bytes in base64url */
export const formatApiKey = (live: boolean, random: string): string => `ck_${live ? 'live' : 'test'}_${random}`
