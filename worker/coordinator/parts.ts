import type { SettingsPatch } from "../../shared/api/settings.ts";
import { Access } from "./access.ts";
import { Administration } from "./administration.ts";
import type { Agent } from "./agent.ts";
import { CurrentSettings } from "./current-settings.ts";
import type { Deps } from "./deps.ts";
import { Feed } from "./feed/feed.ts";
import { LiveRequests } from "./feed/live-requests.ts";
import { Forwarding } from "./forwarding.ts";
import { Housekeeping } from "./housekeeping.ts";
import { Limits } from "./limits/limits.ts";
import { AccessTokens } from "./login/access-tokens.ts";
import { Logins } from "./login/logins.ts";
import { onceATurn } from "./once-a-turn.ts";
import { Pairings } from "./pairing/pairings.ts";
import { ModelList } from "./placement/model-list.ts";
import { Placement } from "./placement/placement.ts";
import { Recorder } from "./recorder.ts";
import { Registry } from "./registry.ts";
import { RuntimeSaver } from "./runtime-saver.ts";
import { Sampler } from "./sampler.ts";
import { Scheduler } from "./scheduling/scheduler.ts";
import { Sessions } from "./sessions.ts";
import { Windows } from "./windows.ts";

/** Everything that the brain is made of. */
export interface Parts {
  readonly deps: Deps;
  /** When this life of the coordinator began, ms: agents that were online before are coming back since then. */
  readonly since: number;
  readonly settings: CurrentSettings;
  readonly access: Access;
  readonly accessTokens: AccessTokens;
  readonly logins: Logins;
  readonly limits: Limits;
  readonly registry: Registry;
  readonly recorder: Recorder;
  readonly housekeeping: Housekeeping;
  readonly saver: RuntimeSaver;
  readonly windows: Windows;
  readonly scheduler: Scheduler;
  readonly forwarding: Forwarding;
  readonly placement: Placement;
  readonly models: ModelList;
  readonly sessions: Sessions;
  readonly administration: Administration;
  readonly pairings: Pairings;
  readonly feed: Feed;
}

/**
 * Puts the brain together from what is stored.
 * @param locked settings that the environment decides; the API shows and does not change them
 * @param began something runs that nobody asked for: agents that fall silent are to be looked for
 * @param watched a dashboard is open, or none any more: while one is, agents that fall silent are looked for, too
 */
export function compose(
  deps: Deps,
  locked: SettingsPatch,
  began: () => void,
  watched: (watched: boolean) => void,
): Parts {
  const stored = deps.store.load();
  const registry = new Registry((agent) => feed.touched(agent));
  const settings = new CurrentSettings(deps.store, stored.settings, locked);
  const windowMs = (): number => settings.value.resume_window_s * 1_000;
  const access = new Access(deps, stored);
  const housekeeping = new Housekeeping(deps, () => settings.value.retention_days);
  const recorder = new Recorder(deps, (requests) => housekeeping.wrote(requests));
  const sampler = new Sampler({ clock: deps.clock, recorder, machines: () => registry.size });
  const accessTokens = new AccessTokens({ deps, recorder }, stored.accessTokens);
  const logins = new Logins(recorder);
  const limits = new Limits(deps, () => saver.arm());
  limits.restore(stored.usage, deps.clock.now());
  const saver = new RuntimeSaver(deps, () => {
    access.saveUsed();
    limits.save();
  });
  const windows = new Windows(() => {
    for (const agent of registry.all()) agent.tunnel?.opener.shrink();
  });
  const scheduler = new Scheduler({
    clock: deps.clock,
    machines: registry,
    strategy: () => settings.value.strategy,
    queue: () => settings.value.queue,
    windowMs,
  });
  const live = new LiveRequests();
  const forwarding = new Forwarding({
    clock: deps.clock,
    live,
    log: deps.log,
    access,
    limits,
    registry,
    scheduler,
    recorder,
    windows,
    windowMs,
    substitutions: () => settings.value,
    // Requests of an agent that was removed end after it: its row must not come back.
    counted: (agent) => {
      agent.touch();
      if (registry.get(agent.id) !== agent) return;
      saver.mark(agent);
      sampler.noticed(agent);
    },
  });
  const placement = new Placement(
    { deps, registry, recorder, windows, began, idleMs: () => settings.value.idle_timeout_s * 1_000 },
    stored.placements,
  );
  const models = new ModelList(() => registry.all(), placement);
  // Looking through all who wait costs the most of what a machine's word sets off, and machines speak together.
  const pump = onceATurn(deps.defer, () => scheduler.pump());
  const measured = (agent: Agent): void => {
    saver.mark(agent);
    placement.noticed(agent);
    sampler.noticed(agent);
  };
  const sessions = new Sessions({
    deps,
    registry,
    recorder,
    windows,
    settings: () => settings.value,
    changed: (agent) => {
      agent.touch();
      pump();
      measured(agent);
    },
    measured,
    detached: (agent) => forwarding.detached(agent),
    described: (agent) => deps.store.saveAgent(agent.record),
  });
  const administration = new Administration({
    deps,
    access,
    registry,
    scheduler,
    sessions,
    recorder,
    saver,
    windowMs,
  });
  const pairings = new Pairings({ deps, access, registry, recorder, administration }, stored.pairings);
  const feed = new Feed({
    deps,
    live,
    agents: {
      all: () => registry.all(),
      get: (id) => registry.get(id),
      holders: (model) => {
        const { loaded, cold } = registry.holders(model);
        return [...loaded.agents, ...cold.agents];
      },
      windowMs,
      queuedFor: (agent) => scheduler.waitingFor(agent),
      queue: () => scheduler.queue(),
    },
    pairings: () => pairings.list(),
    tokenLives: (id) => accessTokens.byId(id) !== undefined,
    pulls: () => placement.pulls(),
    load: () => ({
      running: forwarding.running,
      waiting: scheduler.waiting,
      queue_max: settings.value.queue.max_length,
      outbox: recorder.outboxed,
    }),
    watched,
  });
  recorder.observe((row) => feed.finished(row));
  recorder.observeEvents((row) => feed.happened(row));

  const since = deps.clock.now();
  const runtimes = new Map(stored.runtimes.map((row) => [row.agent_id, row]));
  for (const record of stored.agents) {
    const agent = registry.add(record);
    const row = runtimes.get(record.id);
    if (row !== undefined) saver.restore(agent, row, since);
    scheduler.resumeTurns(agent.turn);
  }
  return {
    deps,
    since,
    settings,
    access,
    accessTokens,
    logins,
    limits,
    registry,
    recorder,
    housekeeping,
    saver,
    windows,
    scheduler,
    forwarding,
    placement,
    models,
    sessions,
    administration,
    pairings,
    feed,
  };
}
