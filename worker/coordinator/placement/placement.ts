import type { FeedPull } from "../../../shared/api/feed.ts";
import type { PlacementPut, PlacementView } from "../../../shared/api/models.ts";
import { canonicalName, isCloudName } from "../../../shared/lib/model-name.ts";
import type { Agent } from "../agent.ts";
import type { Result } from "../api.ts";
import { changes } from "../changes.ts";
import type { Deps, Timer } from "../deps.ts";
import type { Recorder } from "../recorder.ts";
import type { Registry } from "../registry.ts";
import type { StoredPlacement } from "../store.ts";
import type { Windows } from "../windows.ts";
import { Pull, type PullEnd } from "./pull.ts";
import { hasRoom } from "./room.ts";
import { sizeOf } from "./size.ts";
import { isOnline, type Standing, standingOf } from "./standing.ts";
import { Wish } from "./wish.ts";

/** Machines that pull the same model at once: the first ones to have it, and the line to the registry, come first. */
const PULLS_PER_MODEL = 2;

export interface PlacementOptions {
  deps: Pick<Deps, "clock" | "store" | "defer" | "log">;
  registry: Registry;
  recorder: Recorder;
  windows: Windows;
  /** A pull begins: as long as one runs, machines that fall silent are to be looked for. */
  began: () => void;
  /** How long a pull may say nothing, ms. */
  idleMs: () => number;
}

/**
 * Keeps models on as many machines as was wished: pulls where one lacks, never deletes. It looks when something changes, and
 * has a timer only while a machine's grace or the pause after a failure runs.
 */
export class Placement {
  readonly #options: PlacementOptions;
  /** By canonical name. */
  readonly #wishes = new Map<string, Wish>();
  readonly #pulls = new Set<Pull>();
  /** What a machine was when it was looked at last. */
  readonly #seen = new WeakMap<Agent, readonly unknown[]>();
  #poked = false;
  #timer: Timer | undefined;

  constructor(options: PlacementOptions, stored: readonly StoredPlacement[]) {
    this.#options = options;
    for (const placement of stored) this.#keep(new Wish(placement));
  }

  /** Pulls that run. */
  get running(): number {
    return this.#pulls.size;
  }

  /** Pulls that run, as they are shown. */
  pulls(): FeedPull[] {
    return [...this.#pulls].map((pull) => ({
      model: this.#wishes.get(pull.model)?.stored.model ?? pull.model,
      ...viewPull(pull),
    }));
  }

  /** Names of models that are to be somewhere, by canonical name. */
  get wished(): ReadonlyMap<string, Wish> {
    return this.#wishes;
  }

  #keep(wish: Wish): void {
    this.#wishes.set(wish.canonical, wish);
  }

  /** 0 replicas take a wish back. */
  put(model: string, wanted: PlacementPut, by: string | null): Result<null> {
    if (isCloudName(model)) return refused("name", "is a model of ollama.com, which no machine can hold");
    if (wanted.replicas === 0) {
      this.#drop(model, by);
      return { ok: true, value: null };
    }
    const ids: string[] = [];
    for (const nameOrId of wanted.agents ?? []) {
      const agent = this.#options.registry.find(nameOrId);
      if (agent === undefined) return refused("agents", `there is no agent '${nameOrId}'`);
      if (!ids.includes(agent.id)) ids.push(agent.id);
    }
    const stored: StoredPlacement = {
      model: model.trim(),
      replicas: wanted.replicas,
      agents: wanted.agents == null ? null : ids,
      tags: wanted.tags ?? null,
    };
    const before = this.#wishes.get(canonicalName(model))?.stored;
    this.#options.deps.store.savePlacement(stored);
    if (before !== undefined && before.model !== stored.model) {
      this.#options.deps.store.deletePlacement(before.model);
    }
    this.#keep(new Wish(stored));
    const changed = changes(before ?? {}, stored);
    if (changed !== undefined) {
      this.#options.recorder.event("placement_changed", null, { model: stored.model, ...changed }, by);
    }
    this.poke();
    return { ok: true, value: null };
  }

  remove(model: string, by: string | null): Result<null> {
    if (this.#drop(model, by)) return { ok: true, value: null };
    const message = `no placement of the model ${model}`;
    return { ok: false, error: { status: 404, code: "not_found", message } };
  }

  #drop(model: string, by: string | null): boolean {
    const wish = this.#wishes.get(canonicalName(model));
    if (wish === undefined) return false;
    this.#options.deps.store.deletePlacement(wish.stored.model);
    this.#wishes.delete(wish.canonical);
    this.#options.recorder.event("placement_removed", null, { ...wish.stored }, by);
    this.poke();
    return true;
  }

  /** Whether anything of a machine has changed that decides where models go; what it has loaded does so all the time. */
  noticed(agent: Agent): void {
    const { models, disk_free_mb, memory_total_mb } = agent.state;
    const now = [
      isOnline(agent) ? agent.tunnel?.instanceId : undefined,
      agent.facts.allow_manage,
      agent.notRoutable("online"),
      agent.lostAt,
      models,
      disk_free_mb,
      memory_total_mb,
    ];
    const before = this.#seen.get(agent);
    this.#seen.set(agent, now);
    if (before !== undefined && now.every((value, index) => value === before[index])) return;
    const anew = isOnline(agent) && (before?.[0] !== now[0] || before?.[1] !== now[1]);
    for (const wish of this.#wishes.values()) {
      wish.changed(agent, anew, () => this.#hasRoom(wish, agent));
    }
    this.poke();
  }

  /** Something has changed; looks once for any number of changes at a time. */
  poke(): void {
    if (this.#poked || this.#wishes.size + this.#pulls.size === 0) return;
    this.#poked = true;
    this.#options.deps.defer(() => {
      this.#poked = false;
      this.#look();
    });
  }

  #look(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const pull of this.#pulls) {
      const { agent, model } = pull;
      // Nobody waits for it: neither an owner who needs his machine does, nor one who wants his models left alone.
      const unwanted = agent.yields || !agent.facts.allow_manage;
      if (unwanted || this.#wishes.get(model)?.allows(agent) !== true) pull.cancel();
    }
    let again = Number.POSITIVE_INFINITY;
    for (const wish of this.#wishes.values()) {
      const standing = this.#standing(wish);
      this.#cancelSurplus(wish, standing.surplus);
      const free = PULLS_PER_MODEL - this.#of(wish).length;
      const starting = standing.candidates.slice(0, Math.max(0, Math.min(free, standing.missing)));
      for (const agent of starting) void this.#pull(wish, agent);
      again = Math.min(again, standing.again ?? again);
    }
    if (again === Number.POSITIVE_INFINITY) return;
    const { clock } = this.#options.deps;
    this.#timer = clock.after(Math.max(0, again - clock.now()), () => this.poke());
  }

  /** A machine that had the model is back, or fewer are wished: the youngest pulls end. */
  #cancelSurplus(wish: Wish, surplus: number): void {
    if (surplus === 0) return;
    const { registry } = this.#options;
    // One that lists the model already is about to end; one whose machine was removed ends by itself.
    const pulls = this.#of(wish).filter(
      ({ agent }) => agent.model(wish.canonical) === undefined && registry.get(agent.id) === agent,
    );
    for (const pull of pulls.slice(-surplus)) pull.cancel();
  }

  #of(wish: Wish): Pull[] {
    return [...this.#pulls].filter(({ model, gone }) => model === wish.canonical && !gone);
  }

  #standing(wish: Wish): Standing {
    const { registry, deps } = this.#options;
    return standingOf(wish, {
      agents: registry.all(),
      now: deps.clock.now(),
      pulling: new Set(this.#of(wish).map(({ agent }) => agent)),
      busy: new Set([...this.#pulls].map(({ agent }) => agent)),
    });
  }

  #hasRoom(wish: Wish, agent: Agent): boolean {
    return hasRoom(agent, sizeOf(wish, this.#options.registry.all()));
  }

  async #pull(wish: Wish, agent: Agent): Promise<void> {
    const { deps, recorder, windows, began, idleMs } = this.#options;
    const pull = new Pull(agent, wish.canonical, deps.clock, idleMs());
    this.#pulls.add(pull);
    recorder.event("placement_pull_started", agent.id, { model: wish.stored.model });
    windows.opened();
    began();
    const end = await pull.run(wish.stored.model);
    windows.closed();
    this.#pulls.delete(pull);
    this.#record(pull, wish.stored.model, end);
    this.poke();
  }

  #record(pull: Pull, model: string, end: PullEnd): void {
    const { deps, recorder } = this.#options;
    const now = deps.clock.now();
    const duration_ms = now - pull.since;
    if (end.kind === "cancelled") {
      recorder.event("placement_pull_cancelled", pull.agent.id, { model, duration_ms });
      return;
    }
    // It says what it has before its answer ends, so one that does not list the model has none, whatever it answered.
    const listed = pull.agent.model(pull.model) !== undefined;
    if (end.kind === "done" && listed) {
      recorder.event("placement_pull_done", pull.agent.id, { model, duration_ms });
      this.#wishes.get(pull.model)?.failures.delete(pull.agent);
      return;
    }
    const error = end.kind === "failed" ? end.error : "the machine pulled the model and does not list it";
    const wish = this.#wishes.get(pull.model);
    const until = wish?.failed(pull.agent, error, now, this.#hasRoom(wish, pull.agent));
    const pause = (until ?? Number.POSITIVE_INFINITY) - now;
    const retry_in_s = Number.isFinite(pause) ? Math.round(pause / 1_000) : null;
    recorder.event("placement_pull_failed", pull.agent.id, { model, duration_ms, error, retry_in_s });
    deps.log.warn("a placement's pull failed", { agent: pull.agent.name, model, error });
  }

  view(wish: Wish): PlacementView {
    const { replicas, agents, tags } = wish.stored;
    const { have, missing, problem } = this.#standing(wish);
    const pulling = this.#of(wish).map(viewPull);
    return { replicas, agents, tags, state: { have, pulling, missing, problem: problem ?? null } };
  }
}

function viewPull({ agent, since, status, completed, total }: Pull): Omit<FeedPull, "model"> {
  return {
    agent_id: agent.id,
    agent_name: agent.name,
    since: new Date(since).toISOString(),
    status,
    completed: completed ?? null,
    total: total ?? null,
  };
}

function refused(field: string, text: string): Result<never> {
  const error = {
    status: 400 as const,
    code: "bad_request",
    message: `${field}: ${text}`,
    fields: { [field]: text },
  };
  return { ok: false, error };
}
