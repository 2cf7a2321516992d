import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'

/** Master keys by version, in the order they were listed: the first is current, the others still read and check. */
export type MasterKeys = ReadonlyMap<number, Uint8Array>

export const masterKeyBytes = 32
/** The demo's own key leaves version 1 free for the key of whoever goes on from there, on the same data folder. */
export const demoKeyVersion = 0

interface DerivedKeys {
  readonly code: KeyObject
  readonly check: KeyObject
  readonly seal: KeyObject
  readonly keyCheck: KeyObject
  /** Ed25519 (RFC 8032): what others verify with the public half. */
  readonly sign: KeyObject
}

/**
 * The keys of the server. They live outside the database: a stolen database holds no code and no credential.
 * Every use has a key of its own, derived by HKDF-SHA-256 (RFC 5869) from the master key.
 */
export class Keyring {
  readonly currentVersion: number
  readonly versions: readonly number[]
  readonly #keys: ReadonlyMap<number, DerivedKeys>
  readonly #fingerprintKey: KeyObject

  constructor(masterKeys: MasterKeys) {
    if (masterKeys.size === 0) throw new Error('A keyring needs at least one master key.')
    for (const [version, key] of masterKeys) {
      if (key.length !== masterKeyBytes) throw new Error(`Master key ${version} does not have ${masterKeyBytes} bytes.`)
    }
    this.versions = [...masterKeys.keys()]
    this.currentVersion = this.versions[0] as number
    this.#keys = new Map([...masterKeys].map(([version, key]) => [version, deriveKeys(key)]))
    // Not the current one: what was asked before a rotation has to be known again after it. It changes only when the
    // lowest is taken out, a day after the last request under it (docs/guides/production.md).
    this.#fingerprintKey = derive(masterKeys.get(Math.min(...this.versions)) as Uint8Array, 'fingerprint')
  }

  /** For `deriveCode`; throws when the version was retired. */
  codeMac(version: number): (data: Uint8Array) => Uint8Array {
    const key = this.#of(version).code
    return (data) => createHmac('sha256', key).update(data).digest()
  }

  /** What is kept of a code: 16 bytes, enough for a value that is compared five times in ten minutes. */
  checkMac(version: number, data: Uint8Array): Uint8Array {
    return createHmac('sha256', this.#of(version).check).update(data).digest().subarray(0, 16)
  }

  /** MAC of a request, so that the same Idempotency-Key with another body is noticed. */
  fingerprint(...parts: readonly string[]): Uint8Array {
    return createHmac('sha256', this.#fingerprintKey).update(parts.join('\0')).digest().subarray(0, 16)
  }

  /** Kept in the database, to notice at the start that this version is another key there. */
  keyCheck(version: number): Uint8Array {
    return createHmac('sha256', this.#of(version).keyCheck).update('centang').digest()
  }

  /** An Ed25519 signature under the current key; `publicKeys` has what verifies it. */
  sign(data: Uint8Array): Uint8Array {
    return sign(null, data, this.#of(this.currentVersion).sign)
  }

  /** The public halves by version, as the `x` of a JWK (RFC 8037 §2). A retired key verifies nothing any more. */
  get publicKeys(): ReadonlyMap<number, string> {
    return new Map(
      this.versions.map((version) => {
        const { x } = createPublicKey(this.#of(version).sign).export({ format: 'jwk' })
        return [version, x as string]
      }),
    )
  }

  /** AES-256-GCM: 4 bytes key version, 12 bytes nonce, 16 bytes tag, ciphertext. `about` is authenticated with it. */
  seal(plaintext: string, about: string): Uint8Array {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.#of(this.currentVersion).seal, nonce)
    cipher.setAAD(Buffer.from(about))
    const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()])
    const version = Buffer.alloc(4)
    version.writeUInt32BE(this.currentVersion)
    return Buffer.concat([version, nonce, cipher.getAuthTag(), ciphertext])
  }

  /** Throws when the bytes were sealed under a retired key, about something else, or changed. */
  unseal(sealed: Uint8Array, about: string): string {
    const bytes = Buffer.from(sealed)
    const decipher = createDecipheriv('aes-256-gcm', this.#of(bytes.readUInt32BE(0)).seal, bytes.subarray(4, 16))
    decipher.setAAD(Buffer.from(about))
    decipher.setAuthTag(bytes.subarray(16, 32))
    return Buffer.concat([decipher.update(bytes.subarray(32)), decipher.final()]).toString('utf8')
  }

  sealedVersion(sealed: Uint8Array): number {
    return Buffer.from(sealed).readUInt32BE(0)
  }

  #of(version: number): DerivedKeys {
    const keys = this.#keys.get(version)
    if (!keys) throw new Error(`Master key version ${version} is not in CENTANG_MASTER_KEY.`)
    return keys
  }
}

const derive = (masterKey: Uint8Array, use: string): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', masterKey, '', `centang ${use} v1`, 32)))

/** PKCS #8 of an Ed25519 key (RFC 8410 §7) is this in front of its 32 bytes. */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex')

const signingKey = (seed: KeyObject): KeyObject =>
  createPrivateKey({ key: Buffer.concat([pkcs8Head, seed.export()]), format: 'der', type: 'pkcs8' })

const deriveKeys = (masterKey: Uint8Array): DerivedKeys => ({
  code: derive(masterKey, 'code'),
  check: derive(masterKey, 'check'),
  seal: derive(masterKey, 'seal'),
  keyCheck: derive(masterKey, 'key check'),
  sign: signingKey(derive(masterKey, 'sign')),
})
