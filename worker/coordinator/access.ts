import type {
  JoinTokenCreate,
  JoinTokenCreated,
  JoinTokenView,
  KeyCreate,
  KeyCreated,
  KeyPatch,
  KeyView,
  Permission,
  Priority,
} from "../../shared/api/keys.ts";
import { allowsModel } from "../../shared/lib/model-name.ts";
import { makeToken, SHOWN_CHARS, type TokenKind } from "../../shared/lib/token.ts";
import type { Caller, Result } from "./api.ts";
import type { Deps } from "./deps.ts";
import type { Share } from "./scheduling/want.ts";
import type { StoredJoinToken, StoredKey } from "./store.ts";

/** A key as it was set up; what it uses is counted elsewhere. */
export type KeyRecordView = Omit<KeyView, "usage">;

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

/** A key of high priority gets four turns for one of a normal one, and that four for one of a low one: nobody starves. */
const PRIORITY_WEIGHTS: Record<Priority, number> = { high: 4, normal: 1, low: 0.25 };

/** How many turns a key's requests take beside others'. */
export function turnsOf({ priority, weight }: Pick<StoredKey, "priority" | "weight">): number {
  return PRIORITY_WEIGHTS[priority] * weight;
}

/** Client keys and join tokens: kept as hashes, shown once. The last word on who may do what. */
export class Access {
  readonly #deps: Pick<Deps, "clock" | "store" | "uuid" | "randomBytes" | "sha256">;
  readonly #keys = new Map<string, StoredKey>();
  readonly #keysByHash = new Map<string, StoredKey>();
  readonly #joinTokens = new Map<string, StoredJoinToken>();
  /**
   * Ids of keys used since the last save, whose `last_used_at` is worth writing. Ids, since a patch replaces the record: the
   * one that was used, written later, would undo the patch.
   */
  readonly #used = new Set<string>();

  constructor(
    deps: Pick<Deps, "clock" | "store" | "uuid" | "randomBytes" | "sha256">,
    stored: { keys: StoredKey[]; joinTokens: StoredJoinToken[] },
  ) {
    this.#deps = deps;
    for (const key of stored.keys) this.#put(key);
    for (const token of stored.joinTokens) this.#joinTokens.set(token.id, token);
  }

  #put(key: StoredKey): void {
    this.#keys.set(key.id, key);
    this.#keysByHash.set(key.hash, key);
  }

  #live(key: StoredKey | undefined): StoredKey | undefined {
    return key === undefined || (key.expires_at !== null && key.expires_at <= this.#deps.clock.now())
      ? undefined
      : key;
  }

  findKey(hash: string): StoredKey | undefined {
    return this.#live(this.#keysByHash.get(hash));
  }

  keyName(caller: Caller): { id: string; name: string } | undefined {
    if (caller.kind !== "key") return undefined;
    const key = this.#keys.get(caller.key_id);
    return key === undefined ? undefined : { id: key.id, name: key.name };
  }

  /** Whose turns a caller's requests take, and how many of them beside others'. */
  shareOf(caller: Caller): Share {
    if (caller.kind !== "key") return { id: caller.kind, weight: 1 };
    const key = this.#keys.get(caller.key_id);
    return { id: caller.key_id, weight: key === undefined ? 1 : turnsOf(key) };
  }

  /** The caller's key as it is now; undefined for callers without one. */
  keyOf(caller: Caller): StoredKey | undefined {
    return caller.kind === "key" ? this.#keys.get(caller.key_id) : undefined;
  }

  /**
   * Whether a caller may do this, now: a key that was revoked a moment ago stops here, whatever the edge remembers.
   * @param model the name as the client sent it, or undefined when the route names none
   */
  check(
    caller: Caller,
    permission: Permission,
    model: string | undefined,
  ): { code: "unauthorized" | "forbidden"; message: string } | undefined {
    switch (caller.kind) {
      case "admin":
        return undefined;
      case "anonymous":
        return permission === "infer"
          ? undefined
          : { code: "forbidden", message: "without a key only inference is allowed" };
      case "key": {
        const key = this.#live(this.#keys.get(caller.key_id));
        if (key === undefined) return { code: "unauthorized", message: "the key is revoked or expired" };
        if (!key.permissions.includes(permission)) {
          return { code: "forbidden", message: `the key has no permission "${permission}"` };
        }
        if (permission === "manage" && caller.by_path && !key.path) {
          return { code: "forbidden", message: 'a key in the path has no permission "manage"' };
        }
        if (model !== undefined && !allowsModel(key.models, model)) {
          return { code: "forbidden", message: `the key may not use model '${model}'` };
        }
        key.last_used_at = this.#deps.clock.now();
        this.#used.add(key.id);
        return undefined;
      }
    }
  }

  maySee(caller: Caller, model: string): boolean {
    if (caller.kind !== "key") return true;
    return allowsModel(this.#keys.get(caller.key_id)?.models ?? null, model);
  }

  /** Whether the caller's key is still live; `undefined` means yes. */
  refuse(caller: Caller): { code: "unauthorized"; message: string } | undefined {
    return caller.kind === "key" && this.#live(this.#keys.get(caller.key_id)) === undefined
      ? { code: "unauthorized", message: "the key is revoked or expired" }
      : undefined;
  }

  /** Writes when keys were last used; called with the other once-a-second state. */
  saveUsed(): void {
    for (const id of this.#used) {
      const key = this.#keys.get(id);
      if (key !== undefined) this.#deps.store.saveKey(key);
    }
    this.#used.clear();
  }

  get hasUnsaved(): boolean {
    return this.#used.size > 0;
  }

  async #secret(kind: TokenKind): Promise<{ token: string; hash: string; prefix: string }> {
    const token = makeToken(kind, this.#deps.randomBytes(32));
    return { token, hash: await this.#deps.sha256(token), prefix: token.slice(0, SHOWN_CHARS) };
  }

  listKeys(): KeyRecordView[] {
    return [...this.#keys.values()].map(viewKey);
  }

  async createKey(input: KeyCreate): Promise<Omit<KeyCreated, "usage">> {
    const { token, hash, prefix } = await this.#secret("key");
    const key: StoredKey = {
      id: this.#deps.uuid(),
      name: input.name,
      hash,
      prefix,
      permissions: [...new Set(input.permissions)],
      models: input.models ?? null,
      path: input.path,
      created_at: this.#deps.clock.now(),
      expires_at: input.expires_at === undefined ? null : Date.parse(input.expires_at),
      last_used_at: null,
      rpm: input.rpm ?? null,
      tpm: input.tpm ?? null,
      tpd: input.tpd ?? null,
      max_concurrency: input.max_concurrency ?? null,
      priority: input.priority ?? "normal",
      weight: input.weight ?? 1,
    };
    this.#deps.store.saveKey(key);
    this.#put(key);
    return { ...viewKey(key), key: token };
  }

  patchKey(id: string, patch: KeyPatch): Result<KeyRecordView> {
    const old = this.#keys.get(id);
    if (old === undefined) return notFound("key", id);
    const { expires_at, ...rest } = patch;
    const key: StoredKey = {
      ...old,
      ...withoutUndefined(rest),
      expires_at:
        expires_at === undefined ? old.expires_at : expires_at === null ? null : Date.parse(expires_at),
    };
    this.#deps.store.saveKey(key);
    this.#put(key);
    return { ok: true, value: viewKey(key) };
  }

  deleteKey(id: string): Result<null> {
    const key = this.#keys.get(id);
    if (key === undefined) return notFound("key", id);
    this.#deps.store.deleteKey(id);
    this.#keys.delete(id);
    this.#keysByHash.delete(key.hash);
    return { ok: true, value: null };
  }

  listJoinTokens(): JoinTokenView[] {
    return [...this.#joinTokens.values()].map(viewJoinToken);
  }

  async createJoinToken(input: JoinTokenCreate): Promise<JoinTokenCreated> {
    const { token, hash, prefix } = await this.#secret("join");
    const now = this.#deps.clock.now();
    const stored: StoredJoinToken = {
      id: this.#deps.uuid(),
      name: input.name,
      hash,
      prefix,
      created_at: now,
      expires_at: now + input.expires_in_s * 1_000,
      max_uses: input.max_uses,
      uses: 0,
    };
    this.#deps.store.saveJoinToken(stored);
    this.#joinTokens.set(stored.id, stored);
    return { ...viewJoinToken(stored), token };
  }

  deleteJoinToken(id: string): Result<null> {
    if (!this.#joinTokens.delete(id)) return notFound("join token", id);
    this.#deps.store.deleteJoinToken(id);
    return { ok: true, value: null };
  }

  /** The join token with this hash, if it may still be used. */
  usableJoinToken(hash: string): Result<StoredJoinToken> {
    for (const token of this.#joinTokens.values()) {
      if (token.hash !== hash) continue;
      if (token.expires_at <= this.#deps.clock.now()) {
        return unauthorized(`the join token expired at ${iso(token.expires_at)}; ask for a new one`);
      }
      if (token.uses >= token.max_uses) {
        return unauthorized(`the join token has been used ${token.uses} of ${token.max_uses} times`);
      }
      return { ok: true, value: token };
    }
    return unauthorized("the join token is not known");
  }

  /** Whether a join token with this hash was given out, and not deleted. */
  knowsJoinToken(hash: string): boolean {
    return [...this.#joinTokens.values()].some((token) => token.hash === hash);
  }

  /** The use has been stored together with the registration. */
  countUse(token: StoredJoinToken): void {
    this.#joinTokens.set(token.id, token);
  }

  newAgentToken(): Promise<{ token: string; hash: string }> {
    return this.#secret("agent");
  }

  newPairingSecret(): Promise<{ token: string; hash: string }> {
    return this.#secret("pairing");
  }
}

function viewKey(key: StoredKey): KeyRecordView {
  const { hash: _hash, ...rest } = key;
  return {
    ...rest,
    created_at: iso(key.created_at),
    expires_at: isoOrNull(key.expires_at),
    last_used_at: isoOrNull(key.last_used_at),
  };
}

function viewJoinToken(token: StoredJoinToken): JoinTokenView {
  const { hash: _hash, ...rest } = token;
  return { ...rest, created_at: iso(token.created_at), expires_at: iso(token.expires_at) };
}

export function notFound(
  what: string,
  id: string,
): { ok: false; error: { status: 404; code: string; message: string } } {
  return { ok: false, error: { status: 404, code: "not_found", message: `no ${what} with id ${id}` } };
}

function unauthorized(message: string): { ok: false; error: { status: 401; code: string; message: string } } {
  return { ok: false, error: { status: 401, code: "unauthorized", message } };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** A patch's fields that were sent: `undefined` must not overwrite what is there. */
export function withoutUndefined<T extends object>(patch: T): Defined<T> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as Defined<T>;
}
