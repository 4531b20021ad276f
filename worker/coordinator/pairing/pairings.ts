import type { AgentView } from "../../../shared/api/agents.ts";
import {
  PAIRING,
  type PairingApproved,
  type PairingAsked,
  type PairingPending,
  type PairingReject,
  type PairingView,
} from "../../../shared/api/pairing.ts";
import type { RegisterRequest } from "../../../shared/api/register.ts";
import { constantTimeEqual } from "../../../shared/lib/constant-time.ts";
import { type Access, notFound } from "../access.ts";
import type { Administration } from "../administration.ts";
import type { Agent } from "../agent.ts";
import type { Result } from "../api.ts";
import type { Deps } from "../deps.ts";
import type { Recorder } from "../recorder.ts";
import type { Registry } from "../registry.ts";
import type { StoredPairing } from "../store.ts";
import { CallerRate } from "./caller-rate.ts";
import { CODE_BYTES, makeCode, normalCode } from "./code.ts";
import { Guesses } from "./guesses.ts";
import {
  expired,
  fullHouse,
  isIn,
  notACode,
  rejected,
  tooMany,
  unknownCode,
  unknownSecret,
} from "./problems.ts";
import { roomFor } from "./room.ts";
import { tooOld } from "./too-old.ts";

export interface PairingsOptions {
  deps: Pick<Deps, "clock" | "store" | "uuid" | "randomBytes" | "sha256">;
  access: Access;
  registry: Registry;
  recorder: Recorder;
  administration: Administration;
}

/**
 * Machines that ask to be let in without a token: each shows a code, an operator types it, and the machine fetches its token
 * with a secret that nobody else has. A code alone is worth nothing, and neither is a secret before the code was typed.
 */
export class Pairings {
  readonly #options: PairingsOptions;
  readonly #pairings = new Map<string, StoredPairing>();
  readonly #rate = new CallerRate();
  readonly #guesses = new Guesses();

  constructor(options: PairingsOptions, stored: readonly StoredPairing[]) {
    this.#options = options;
    for (const pairing of stored) this.#pairings.set(pairing.id, pairing);
  }

  /** @param callerAddress where the request comes from, as the platform knows it */
  async ask(machine: RegisterRequest, callerAddress: string | null): Promise<Result<PairingAsked>> {
    const { access, deps, recorder } = this.#options;
    const secret = await access.newPairingSecret();
    const code = await this.#newCode();
    const now = deps.clock.now();
    this.#sweep(now);
    const free = this.#rate.freeAt(callerAddress, now);
    if (free > now) return tooMany(free - now);
    const room = roomFor(this.#waiting(now), callerAddress);
    if (room.kind === "full") return fullHouse(room.until - now);
    if (room.kind === "instead_of") this.#save({ ...room.pairing, expires_at: now });
    const pairing: StoredPairing = {
      id: deps.uuid(),
      code_hash: code.hash,
      secret_hash: secret.hash,
      caller_address: callerAddress,
      machine,
      created_at: now,
      expires_at: now + PAIRING.lifetime_ms,
      state: "waiting",
      agent_id: null,
      fetched: false,
    };
    this.#save(pairing);
    this.#rate.count(callerAddress, now);
    recorder.event("pairing_asked", null, {
      id: pairing.id,
      machine_name: machine.machine_name,
      caller_address: callerAddress,
    });
    return {
      ok: true,
      value: { ...pending(pairing), pairing_code: code.code, pairing_secret: secret.token },
    };
  }

  /**
   * Each answer has a token of its own and makes the one before it void, until the agent has used one: so an answer that was
   * lost on its way costs nothing, and no token is kept here.
   */
  async fetch(secretHash: string): Promise<Result<PairingPending | PairingApproved>> {
    const { access, registry, deps } = this.#options;
    const token = await access.newAgentToken();
    const pairing = this.#find("secret_hash", secretHash);
    if (pairing === undefined) return unknownSecret();
    if (pairing.state === "rejected") return rejected();
    if (pairing.expires_at <= deps.clock.now()) return expired();
    if (pairing.state === "waiting") return { ok: true, value: pending(pairing) };
    const agent = registry.get(pairing.agent_id ?? "");
    if (agent === undefined || wasThere(agent)) return expired();
    const record = { ...agent.record, token_hash: token.hash };
    this.#save({ ...pairing, fetched: true }, record);
    agent.record = record;
    return { ok: true, value: { agent_id: agent.id, agent_token: token.token } };
  }

  list(): PairingView[] {
    return this.#waiting(this.#options.deps.clock.now()).map(view);
  }

  /** The agent that the machine has become; typing a code twice makes no second one. */
  async approve(typed: string, by: string | null): Promise<Result<AgentView>> {
    const { access, administration, deps, recorder, registry } = this.#options;
    // Nobody has this token: the machine gets another when it fetches.
    const unused = await access.newAgentToken();
    const found = await this.#typed(typed, by);
    if (!found.ok) return found;
    const pairing = found.value;
    const known = registry.get(pairing.agent_id ?? "");
    if (known !== undefined) return { ok: true, value: administration.view(known) };
    if (pairing.state !== "waiting") return expired();
    const record = administration.newAgent(pairing.machine, unused.hash);
    const now = deps.clock.now();
    this.#save(
      { ...pairing, state: "approved", agent_id: record.id, expires_at: now + PAIRING.lifetime_ms },
      record,
    );
    const agent = administration.admit(record);
    recorder.event("pairing_approved", record.id, { id: pairing.id, name: record.name }, by);
    return { ok: true, value: administration.view(agent) };
  }

  async reject({ code, id }: PairingReject, by: string | null): Promise<Result<null>> {
    const { deps, recorder, registry } = this.#options;
    const found =
      code !== undefined ? await this.#typed(code, by) : this.#waitingById(id ?? "", deps.clock.now());
    if (!found.ok) return found;
    const pairing = found.value;
    const known = registry.get(pairing.agent_id ?? "");
    if (known !== undefined) return isIn(known.name);
    if (pairing.state !== "waiting") return expired();
    this.#save({ ...pairing, state: "rejected" });
    const { machine_name } = pairing.machine;
    recorder.event("pairing_rejected", null, { id: pairing.id, machine_name }, by);
    return { ok: true, value: null };
  }

  /** Forgets what nobody will ask for any more. */
  prune(): void {
    this.#sweep(this.#options.deps.clock.now());
  }

  /** Waiting or approved, and not over. */
  async #typed(typed: string, by: string | null): Promise<Result<StoredPairing>> {
    const { deps, recorder } = this.#options;
    const code = normalCode(typed);
    if (code === undefined) return notACode();
    const hash = await deps.sha256(code);
    const now = deps.clock.now();
    this.#sweep(now);
    const free = this.#guesses.freeAt(now);
    if (free > now) return tooMany(free - now);
    const pairing = this.#find("code_hash", hash);
    if (pairing === undefined) {
      this.#guesses.wrong(now);
      recorder.event("pairing_code_unknown", null, {}, by);
      return unknownCode();
    }
    return isOver(pairing, now) ? expired() : { ok: true, value: pairing };
  }

  #waitingById(id: string, now: number): Result<StoredPairing> {
    const pairing = this.#waiting(now).find((one) => one.id === id);
    return pairing === undefined ? notFound("waiting machine", id) : { ok: true, value: pairing };
  }

  #waiting(now: number): StoredPairing[] {
    return [...this.#pairings.values()].filter(
      (pairing) => pairing.state === "waiting" && !isOver(pairing, now),
    );
  }

  /** The newest, where a code has come again; every row is looked at, so that time tells nothing. */
  #find(by: "code_hash" | "secret_hash", hash: string): StoredPairing | undefined {
    let found: StoredPairing | undefined;
    for (const pairing of this.#pairings.values()) if (constantTimeEqual(pairing[by], hash)) found = pairing;
    return found;
  }

  /** A code that no pairing has that is remembered. */
  async #newCode(): Promise<{ code: string; hash: string }> {
    const { deps } = this.#options;
    for (;;) {
      const code = makeCode(deps.randomBytes(CODE_BYTES));
      const hash = await deps.sha256(code);
      if (this.#find("code_hash", hash) === undefined) return { code, hash };
    }
  }

  #save(pairing: StoredPairing, agent?: Agent["record"]): void {
    this.#options.deps.store.savePairing(pairing, agent);
    this.#pairings.set(pairing.id, pairing);
  }

  /** What is over goes after a while; so does an agent whose machine never came for its token. */
  #sweep(now: number): void {
    const { administration, deps, registry } = this.#options;
    for (const pairing of [...this.#pairings.values()]) {
      if (pairing.agent_id === null || pairing.fetched || !isOver(pairing, now)) continue;
      if (registry.get(pairing.agent_id) !== undefined) administration.remove(pairing.agent_id, null);
      this.#save({ ...pairing, agent_id: null });
    }
    const old = tooOld(
      [...this.#pairings.values()].filter((pairing) => isOver(pairing, now)),
      now,
    );
    if (old.length === 0) return;
    deps.store.deletePairings(old);
    for (const id of old) this.#pairings.delete(id);
  }
}

function isOver({ state, expires_at }: StoredPairing, now: number): boolean {
  return state === "rejected" || expires_at <= now;
}

/** Its machine has used the token: whoever asks for another is not it. */
function wasThere(agent: Agent): boolean {
  return agent.tunnel !== undefined || agent.lastSeen !== undefined;
}

function pending({ expires_at }: StoredPairing): PairingPending {
  return {
    status: "pending",
    expires_at: new Date(expires_at).toISOString(),
    poll_after_ms: PAIRING.poll_ms,
  };
}

function view({ id, machine, caller_address, created_at, expires_at }: StoredPairing): PairingView {
  return {
    id,
    machine_name: machine.machine_name,
    ip_address: machine.ip_address,
    caller_address,
    os: machine.os ?? null,
    agent_version: machine.agent_version ?? null,
    ollama_version: machine.ollama_version === "" ? null : machine.ollama_version,
    gpus: machine.gpus ?? [],
    created_at: new Date(created_at).toISOString(),
    expires_at: new Date(expires_at).toISOString(),
  };
}
