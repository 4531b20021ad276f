import type {
  AccessTokenCreate,
  AccessTokenCreated,
  AccessTokenView,
} from "../../../shared/api/access-tokens.ts";
import { constantTimeEqual } from "../../../shared/lib/constant-time.ts";
import { makeToken, SHOWN_CHARS } from "../../../shared/lib/token.ts";
import { notFound } from "../access.ts";
import type { Result } from "../api.ts";
import type { Deps } from "../deps.ts";
import type { Recorder } from "../recorder.ts";
import type { StoredAccessToken } from "../store.ts";

/** The name under which the events show who has the coordinator's own token. */
const RESERVED = "admin";

export interface AccessTokensOptions {
  deps: Pick<Deps, "clock" | "store" | "uuid" | "randomBytes" | "sha256">;
  recorder: Pick<Recorder, "event">;
}

/** Further tokens for the management API, beside the one of the environment: kept as hashes, shown once. */
export class AccessTokens {
  readonly #options: AccessTokensOptions;
  readonly #tokens = new Map<string, StoredAccessToken>();

  constructor(options: AccessTokensOptions, stored: readonly StoredAccessToken[]) {
    this.#options = options;
    for (const token of stored) this.#tokens.set(token.id, token);
  }

  /** The live one with this hash; every row is looked at, so that time tells nothing. */
  byHash(hash: string): AccessTokenView | undefined {
    let found: StoredAccessToken | undefined;
    for (const token of this.#tokens.values()) if (constantTimeEqual(token.hash, hash)) found = token;
    return this.#live(found);
  }

  byId(id: string): AccessTokenView | undefined {
    return this.#live(this.#tokens.get(id));
  }

  #live(token: StoredAccessToken | undefined): AccessTokenView | undefined {
    if (token === undefined) return undefined;
    const over = token.expires_at !== null && token.expires_at <= this.#options.deps.clock.now();
    return over ? undefined : view(token);
  }

  list(): AccessTokenView[] {
    return [...this.#tokens.values()].map(view);
  }

  /** Names are told apart, or the events would not say who it was. */
  async create(input: AccessTokenCreate, by: string | null): Promise<Result<AccessTokenCreated>> {
    const { deps, recorder } = this.#options;
    const token = makeToken("admin", deps.randomBytes(32));
    const hash = await deps.sha256(token);
    const wanted = input.name.toLowerCase();
    const taken = [...this.#tokens.values()].some(({ name }) => name.toLowerCase() === wanted);
    if (taken || wanted === RESERVED) {
      const message = taken
        ? `another token is called '${input.name}'`
        : "this name is the coordinator's own";
      return { ok: false, error: { status: 409, code: "conflict", message, fields: { name: message } } };
    }
    const stored: StoredAccessToken = {
      id: deps.uuid(),
      name: input.name,
      role: input.role,
      hash,
      prefix: token.slice(0, SHOWN_CHARS),
      created_at: deps.clock.now(),
      expires_at: input.expires_at === undefined ? null : Date.parse(input.expires_at),
    };
    deps.store.saveAccessToken(stored);
    this.#tokens.set(stored.id, stored);
    recorder.event("access_token_created", null, told(stored), by);
    return { ok: true, value: { ...view(stored), token } };
  }

  remove(id: string, by: string | null): Result<null> {
    const stored = this.#tokens.get(id);
    if (stored === undefined) return notFound("access token", id);
    this.#options.deps.store.deleteAccessToken(id);
    this.#tokens.delete(id);
    this.#options.recorder.event("access_token_revoked", null, told(stored), by);
    return { ok: true, value: null };
  }
}

function view({ hash: _hash, ...rest }: StoredAccessToken): AccessTokenView {
  return {
    ...rest,
    created_at: new Date(rest.created_at).toISOString(),
    expires_at: rest.expires_at === null ? null : new Date(rest.expires_at).toISOString(),
  };
}

function told(token: StoredAccessToken): Record<string, unknown> {
  const { id, name, role, expires_at } = view(token);
  return { id, name, role, expires_at };
}
