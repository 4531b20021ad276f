import { afterEach, expect, test } from "vitest";
import { FakeClock } from "../../testing/fake-clock.ts";
import { Keeper } from "./keeper.ts";
import type { KeeperDeps, KeeperOptions } from "./keeper-parts.ts";
import type { Found, Installed, Program } from "./parts.ts";
import { IDLE_CHECK_MS, LOOK_EVERY_MS } from "./update-watch.ts";

const DEFAULT_URL = "http://127.0.0.1:11434";
const installed = (version: string): Installed => ({
  version,
  dir: `/v/${version}`,
  binary: `/v/${version}/ollama`,
});

let keeper: Keeper | undefined;
afterEach(() => keeper?.stop());

/** A machine in memory: what it has, what is done to it, and a switch for each thing that may fail. */
function machine(setup: { found?: Found; current?: string; models?: string[] } = {}) {
  const state = {
    journal: [] as string[],
    found: setup.found ?? ({ type: "none" } as Found),
    current: setup.current,
    previous: undefined as string | undefined,
    newest: "0.33.0",
    broken: new Set<string>(),
    /** Versions that neither answer nor end. */
    slow: new Set<string>(),
    cannotSwitch: false,
    cannotPrune: false,
    cannotRemove: false,
    lookUpFails: undefined as string | undefined,
    models: setup.models ?? [],
    idle: true,
    autoUpdate: false,
    running: undefined as Program | undefined,
    consent: new Map<string, boolean>(),
  };
  const { journal } = state;
  const clock = new FakeClock();
  const deps: KeeperDeps = {
    clock,
    find: async () => state.found,
    clearOrphans: async () => void journal.push("clear orphans"),
    installer: {
      lookUp: async (version) => {
        if (state.lookUpFails !== undefined) throw new Error(state.lookUpFails);
        return { version: version ?? state.newest, downloadBytes: 1_000 };
      },
      install: async ({ version }, { observe, signal }) => {
        observe({ step: "downloading", progress: null, problem: null });
        await Promise.resolve();
        if (signal.aborted) throw signal.reason;
        journal.push(`install ${version}`);
        return installed(version);
      },
    },
    versions: {
      current: async () => (state.current === undefined ? undefined : installed(state.current)),
      previous: async () => (state.previous === undefined ? undefined : installed(state.previous)),
      switchTo: async (version) => {
        if (state.cannotSwitch) throw new Error("no space is left");
        journal.push(`switch to ${version}`);
        state.previous = state.current;
        state.current = version;
      },
      prune: async () => {
        if (state.cannotPrune) throw new Error("EBUSY");
      },
      removeAll: async () => {
        if (state.cannotRemove) throw new Error("EBUSY");
        journal.push("remove all");
        state.current = undefined;
        state.previous = undefined;
      },
    },
    serving: {
      problem: undefined,
      start: async (program, _withinMs, signal) => {
        journal.push(`start ${program.version}${program.own ? "" : " of the user"}`);
        keeper?.servesAt("http://127.0.0.1:50000");
        if (state.broken.has(program.version)) throw new Error("exit status 1");
        state.running = program;
        if (state.slow.has(program.version)) {
          await new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason));
          });
        }
      },
      stop: async () => {
        if (state.running !== undefined) journal.push(`stop ${state.running.version}`);
        state.running = undefined;
      },
      endNow: () => void journal.push("end now"),
      hung: () => void journal.push("hung"),
    },
    models: {
      any: async () => state.models.length > 0,
      suggest: async () => ({ model: "small", downloadBytes: 5 }),
      pull: async (url, model) => {
        journal.push(`pull ${model} at ${url}`);
        state.models.push(model);
      },
    },
    consent: {
      get: (kind) => state.consent.get(kind),
      set: async (kind, yes) => void state.consent.set(kind, yes),
    },
    drain: async () => {
      journal.push("drain");
      return () => void journal.push("let work in");
    },
    idle: () => state.idle,
    autoUpdate: () => state.autoUpdate,
    moved: (url) => void journal.push(`at ${url}`),
    refresh: () => {},
    changed: () => {},
    tell: (_level, text) => void journal.push(`tell: ${text}`),
  };
  const open = async (options: Partial<KeeperOptions> = {}): Promise<Keeper> => {
    const it = new Keeper(
      { fixedUrl: undefined, defaultUrl: DEFAULT_URL, assumeYes: false, directory: "/state", ...options },
      deps,
    );
    keeper = it;
    await it.start();
    return it;
  };
  return { state, journal, clock, deps, open };
}

/** Lets everything that only waits for promises happen. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("an Ollama that the owner named is attached to, and nothing is looked for but what was left behind", async () => {
  const { open, journal } = machine();
  const it = await open({ fixedUrl: "http://box:11434" });
  expect([it.source, it.url, it.question]).toEqual(["attached", "http://box:11434", undefined]);
  expect(journal).toEqual(["at http://box:11434", "clear orphans"]);
});

test("a server that the user runs is attached to and never touched", async () => {
  const { open, journal } = machine({ found: { type: "server", url: DEFAULT_URL, version: "0.30.0" } });
  const it = await open();
  for (const refused of [it.update(), it.rollback(), it.uninstall()])
    expect(refused).toContain("never touched");
  it.seen("hung");
  await it.stop();
  expect(journal).toEqual(["clear orphans", `at ${DEFAULT_URL}`]);
});

test("where there is none, the owner is asked, and a yes installs, starts and makes it current in this order", async () => {
  const { open, journal, state } = machine();
  const it = await open();
  expect(it.question).toEqual({
    kind: "install",
    version: "0.33.0",
    download_bytes: 1_000,
    directory: "/state",
  });
  expect(it.answer(true)).toBeUndefined();
  expect(it.job).toMatchObject({ kind: "install", subject: "0.33.0" });
  await settled();
  expect(journal).toEqual([
    "clear orphans",
    "install 0.33.0",
    "drain",
    "start 0.33.0",
    "at http://127.0.0.1:50000",
    "switch to 0.33.0",
    "let work in",
  ]);
  expect([it.source, it.managedVersion, it.job, it.failure]).toEqual([
    "managed",
    "0.33.0",
    undefined,
    undefined,
  ]);
  expect(it.question).toEqual({ kind: "pull", model: "small", download_bytes: 5 });
  it.answer(true);
  await settled();
  expect(state.models).toEqual(["small"]);
});

test("a no is kept: the next start does not ask again, and an Ollama of the owner's is used when it comes", async () => {
  const { open, state } = machine();
  const first = await open();
  first.answer(false);
  await first.stop();
  const second = await open();
  expect(second.question).toBeUndefined();
  second.seen("ok");
  expect([second.source, second.url]).toEqual(["attached", DEFAULT_URL]);
  expect(state.consent.get("install")).toBe(false);
});

test("unattended, it installs and pulls a model without a question", async () => {
  const { open, journal } = machine();
  const it = await open({ assumeYes: true });
  await settled();
  await settled();
  expect(journal.at(-1)).toBe("pull small at http://127.0.0.1:50000");
  expect(it.question).toBeUndefined();
});

test("an unattended install that failed is tried again later", async () => {
  const { open, journal, state, clock } = machine();
  state.lookUpFails = "no network";
  const it = await open({ assumeYes: true });
  await settled();
  expect(it.failure).toEqual({ kind: "install", message: "no network" });
  state.lookUpFails = undefined;
  clock.advance(600_000);
  await settled();
  expect(it.failure).toBeUndefined();
  expect(journal).toContain("switch to 0.33.0");
});

test("an Ollama that is installed and does not run is run after a yes, at every start from then on", async () => {
  const { open, journal } = machine({
    found: { type: "binary", path: "/usr/bin/ollama", version: "0.31.0" },
  });
  const it = await open();
  expect(it.question).toEqual({ kind: "start", version: "0.31.0", binary: "/usr/bin/ollama" });
  it.answer(true);
  await it.stop();
  journal.length = 0;
  const again = await open();
  expect(again.question).toBeUndefined();
  expect(journal).toContain("start 0.31.0 of the user");
  expect(again.update()).toContain("no Ollama of this program is installed");
});

test("a managed version is started, and stopped with the agent", async () => {
  const { open, journal } = machine({ current: "0.32.0", models: ["m"] });
  const it = await open();
  expect(it.source).toBe("managed");
  it.seen("hung");
  await it.stop();
  expect(journal).toEqual([
    "clear orphans",
    "start 0.32.0",
    "at http://127.0.0.1:50000",
    "hung",
    "stop 0.32.0",
  ]);
});

test("an update drains, starts the new version, and makes it current only when it has answered", async () => {
  const { open, journal, state } = machine({ current: "0.32.0", models: ["m"] });
  const it = await open();
  journal.length = 0;
  it.update();
  await settled();
  expect(journal).toEqual([
    "install 0.33.0",
    "drain",
    "stop 0.32.0",
    "start 0.33.0",
    "at http://127.0.0.1:50000",
    "switch to 0.33.0",
    "let work in",
  ]);
  expect([state.current, it.previousVersion]).toEqual(["0.33.0", "0.32.0"]);
  it.rollback();
  await settled();
  expect([state.current, it.managedVersion]).toEqual(["0.32.0", "0.32.0"]);
});

test("a new version that does not answer gives way to the old one by itself", async () => {
  const { open, journal, state } = machine({ current: "0.32.0", models: ["m"] });
  const it = await open();
  state.broken.add("0.33.0");
  journal.length = 0;
  it.update();
  await settled();
  expect(journal).toEqual([
    "install 0.33.0",
    "drain",
    "stop 0.32.0",
    "start 0.33.0",
    "at http://127.0.0.1:50000",
    "start 0.32.0",
    "at http://127.0.0.1:50000",
    "let work in",
    "tell: update failed: Ollama 0.33.0 does not answer (exit status 1): back on 0.32.0",
  ]);
  expect(state.current).toBe("0.32.0");
  expect(it.failure).toEqual({
    kind: "update",
    message: "Ollama 0.33.0 does not answer (exit status 1): back on 0.32.0",
  });
});

test("an automatic update waits for five quiet minutes, and does not try a bad release twice", async () => {
  const { open, journal, state, clock } = machine({ current: "0.32.0", models: ["m"] });
  const it = await open();
  state.broken.add("0.33.0");
  clock.advance(60_000);
  await settled();
  expect(it.updateAvailable).toBe("0.33.0");
  clock.advance(10 * IDLE_CHECK_MS);
  await settled();
  expect(journal).not.toContain("install 0.33.0");
  state.autoUpdate = true;
  state.idle = false;
  clock.advance(10 * IDLE_CHECK_MS);
  state.idle = true;
  clock.advance(4 * IDLE_CHECK_MS);
  expect(it.job).toBeUndefined();
  clock.advance(IDLE_CHECK_MS);
  await settled();
  expect(journal.filter((line) => line === "install 0.33.0")).toHaveLength(1);
  clock.advance(20 * IDLE_CHECK_MS);
  await settled();
  expect(journal.filter((line) => line === "install 0.33.0")).toHaveLength(1);
  state.newest = "0.33.1";
  clock.advance(LOOK_EVERY_MS);
  await settled();
  clock.advance(5 * IDLE_CHECK_MS);
  await settled();
  expect(state.current).toBe("0.33.1");
});

test("one job at a time; a cancelled one is no failure and changes nothing", async () => {
  const { open, state } = machine({ current: "0.32.0", models: ["m"] });
  const it = await open();
  it.update();
  expect(it.pull("other")).toBe("update of the newest release is under way: wait for it or cancel it");
  expect(it.cancel()).toBeUndefined();
  await settled();
  expect([state.current, it.job, it.failure]).toEqual(["0.32.0", undefined, undefined]);
  expect(it.cancel()).toBe("nothing is under way");
});

test("uninstalled, nothing of it runs, and it is not offered again at once", async () => {
  const { open, journal } = machine({ current: "0.32.0", models: ["m"] });
  const it = await open();
  journal.length = 0;
  it.uninstall();
  await settled();
  expect(journal).toEqual(["drain", "stop 0.32.0", "remove all", `at ${DEFAULT_URL}`, "let work in"]);
  expect([it.source, it.question]).toEqual(["none", undefined]);
});

test("started anew with other rules, it drains first and stays the version that it was", async () => {
  const { open, journal, state } = machine({ current: "0.32.0", models: ["m"] });
  const it = await open();
  journal.length = 0;
  it.restart();
  expect(it.job).toMatchObject({ kind: "restart", subject: "0.32.0" });
  await settled();
  expect(journal).toEqual([
    "drain",
    "stop 0.32.0",
    "start 0.32.0",
    "at http://127.0.0.1:50000",
    "let work in",
  ]);
  expect([state.current, state.previous]).toEqual(["0.32.0", undefined]);
});

test("stopped while a new version is being started, it ends at once and starts nothing more", async () => {
  const { open, journal, state } = machine({ current: "0.32.0", models: ["m"] });
  const it = await open();
  state.slow.add("0.33.0");
  it.update();
  await settled();
  expect(it.job?.step).toBe("starting");
  journal.length = 0;
  await it.stop();
  expect(journal).toEqual(["stop 0.33.0", "let work in"]);
  expect([state.current, state.running]).toEqual(["0.32.0", undefined]);
});

test("stopped while the version that it manages is still starting, it ends at once and complains of nothing", async () => {
  const { open, journal, state } = machine({ current: "0.32.0" });
  state.slow.add("0.32.0");
  const opened = open();
  await settled();
  await keeper?.stop();
  await opened;
  expect(journal.filter((line) => line.startsWith("tell"))).toEqual([]);
  expect(state.running).toBeUndefined();
});

test("an update that is cancelled while the new version starts goes back to the old one", async () => {
  const { open, state } = machine({ current: "0.32.0", models: ["m"] });
  const it = await open();
  state.slow.add("0.33.0");
  it.update();
  await settled();
  it.cancel();
  await settled();
  expect([it.job, it.failure, state.current, state.running?.version]).toEqual([
    undefined,
    undefined,
    "0.32.0",
    "0.32.0",
  ]);
});

test("a first install that does not answer leaves the user's own server in use, and says that none is managed", async () => {
  const { open, state, journal } = machine({
    found: { type: "server", url: DEFAULT_URL, version: "0.30.0" },
  });
  state.broken.add("0.33.0");
  const it = await open();
  it.install();
  await settled();
  expect(it.failure?.message).toBe("Ollama 0.33.0 does not answer (exit status 1)");
  expect([it.source, it.url, journal.at(-3)]).toEqual(["attached", DEFAULT_URL, `at ${DEFAULT_URL}`]);
});

test("unattended, a first install that does not answer is tried again later, unless there is one by then", async () => {
  const { open, state, clock } = machine();
  state.broken.add("0.33.0");
  const it = await open({ assumeYes: true });
  await settled();
  expect([it.source, it.url, it.failure?.kind]).toEqual(["none", DEFAULT_URL, "install"]);
  state.broken.clear();
  it.seen("ok");
  clock.advance(600_000);
  await settled();
  expect([it.source, it.managedVersion]).toEqual(["attached", undefined]);
});

test("where the old version does not answer either, both are named and the old one stays current", async () => {
  const { open, state } = machine({ current: "0.32.0", models: ["m"] });
  const it = await open();
  state.broken.add("0.33.0").add("0.32.0");
  it.update();
  await settled();
  expect(it.failure?.message).toBe(
    "Ollama 0.33.0 does not answer (exit status 1); back on 0.32.0, which does not answer either (exit status 1) and is tried again and again: see Ollama's log",
  );
  expect([it.source, it.managedVersion, state.current]).toEqual(["managed", "0.32.0", "0.32.0"]);
});

test("a new version that cannot be made current does not go on running beside what is told of it", async () => {
  const { open, state } = machine({ current: "0.32.0", models: ["m"] });
  const it = await open();
  state.cannotSwitch = true;
  it.update();
  await settled();
  expect(it.failure?.message).toBe("no space is left: back on 0.32.0");
  expect(state.running?.version).toBe("0.32.0");
});

test("the user's own program that this agent runs is run again where the new version does not answer", async () => {
  const { open, state } = machine({
    found: { type: "binary", path: "/usr/bin/ollama", version: "0.31.0" },
  });
  const it = await open();
  it.answer(true);
  await settled();
  state.broken.add("0.33.0");
  it.install();
  await settled();
  expect(it.failure?.message).toContain("back on 0.31.0");
  expect(state.running).toEqual({ binary: "/usr/bin/ollama", version: "0.31.0", own: false });
});

test("an older version that cannot be removed does not make an update a failure", async () => {
  const { open, state, journal } = machine({ current: "0.32.0", models: ["m"] });
  const it = await open();
  state.cannotPrune = true;
  it.update();
  await settled();
  expect([state.current, it.failure]).toEqual(["0.33.0", undefined]);
  expect(journal).toContain("tell: cannot remove an older Ollama: EBUSY");
});

test("what cannot be uninstalled goes on running", async () => {
  const { open, state } = machine({ current: "0.32.0", models: ["m"] });
  const it = await open();
  state.cannotRemove = true;
  it.uninstall();
  await settled();
  expect(it.failure).toEqual({ kind: "uninstall", message: "EBUSY" });
  expect([it.source, state.running?.version]).toEqual(["managed", "0.32.0"]);
});

test("uninstalled by hand, it is not installed again at once, even unattended", async () => {
  const { open, state } = machine({ current: "0.32.0", models: ["m"] });
  const it = await open({ assumeYes: true });
  it.uninstall();
  await settled();
  expect([it.source, it.job, state.consent.get("install")]).toEqual(["none", undefined, false]);
});

test("what --yes answered holds for that run only", async () => {
  const { open, state } = machine({
    found: { type: "binary", path: "/usr/bin/ollama", version: "0.31.0" },
    models: ["m"],
  });
  await (await open({ assumeYes: true })).stop();
  expect(state.consent.size).toBe(0);
  expect((await open()).question?.kind).toBe("start");
});

test("a yes to one question is none to the one that came in its place", async () => {
  const { open, state } = machine();
  const it = await open();
  it.seen("ok");
  await settled();
  expect(it.question?.kind).toBe("pull");
  expect(it.answer(true, "install")).toBe("that question is no longer open");
  await settled();
  expect([it.question?.kind, state.models]).toEqual(["pull", []]);
  expect(it.answer(true, "pull")).toBeUndefined();
});

test("a server that the user starts while a release is looked up ends the wish to install one", async () => {
  const { deps, open, journal } = machine({ models: ["m"] });
  const { lookUp } = deps.installer;
  deps.installer.lookUp = async (version, signal) => {
    keeper?.seen("ok");
    return lookUp(version, signal);
  };
  const it = await open({ assumeYes: true });
  await settled();
  expect([it.source, it.question, it.job]).toEqual(["attached", undefined, undefined]);
  expect(journal).not.toContain("install 0.33.0");
});

test("an Ollama that the owner named is not left for one that somebody installs", async () => {
  const { open } = machine();
  const it = await open({ fixedUrl: "http://box:11434" });
  expect(it.install()).toBe(
    "cannot install: this agent was told to use http://box:11434; start it without --ollama-url (OLLAMA_URL)",
  );
});

test("other rules reach Ollama after the job that is under way", async () => {
  const { open, journal } = machine({ current: "0.32.0", models: ["m"] });
  const it = await open();
  journal.length = 0;
  it.pull("other");
  it.restart();
  it.restart();
  await settled();
  expect(journal.filter((line) => line === "start 0.32.0")).toHaveLength(1);
});

test("nothing begins any more once it was stopped", async () => {
  const { open, journal } = machine({ current: "0.32.0", models: ["m"] });
  const it = await open();
  await it.stop();
  journal.length = 0;
  for (const refused of [it.update(), it.pull("m"), it.rollback()]) expect(refused).toBeDefined();
  await settled();
  expect(journal).toEqual([]);
});

test("an install that somebody asked for while the agent still looks around is not asked about again", async () => {
  const { deps, open } = machine({ models: ["m"] });
  deps.find = async () => {
    keeper?.install();
    return { type: "none" };
  };
  const it = await open();
  expect([it.job?.kind, it.question]).toEqual(["install", undefined]);
  await settled();
  expect([it.source, it.managedVersion, it.question]).toEqual(["managed", "0.33.0", undefined]);
});

test("a server that is found late does not take the place of one that was installed meanwhile", async () => {
  const { deps, open } = machine({ models: ["m"] });
  deps.find = async () => {
    keeper?.install();
    await settled();
    return { type: "server", url: DEFAULT_URL, version: "0.30.0" };
  };
  expect((await open()).source).toBe("managed");
});

test("an update to the version that runs already disturbs nobody", async () => {
  const { open, journal } = machine({ current: "0.33.0", models: ["m"] });
  const it = await open();
  journal.length = 0;
  it.update();
  await settled();
  expect([journal, it.failure]).toEqual([["install 0.33.0"], undefined]);
});

test("a version that somebody went back from is not installed again by itself, also after a restart", async () => {
  const { open, state, clock } = machine({ current: "0.32.0", models: ["m"] });
  state.autoUpdate = true;
  state.previous = "0.33.0";
  const it = await open();
  clock.advance(60_000);
  await settled();
  expect(it.updateAvailable).toBe("0.33.0");
  clock.advance(10 * IDLE_CHECK_MS);
  await settled();
  expect(state.current).toBe("0.32.0");
});

test("a download that fails each time is not begun every few minutes", async () => {
  const unattended = machine();
  let times = 0;
  unattended.deps.installer.install = () => {
    times += 1;
    return Promise.reject(new Error("another SHA-256"));
  };
  await unattended.open({ assumeYes: true });
  const day = async (clock: typeof unattended.clock): Promise<void> => {
    for (let minutes = 0; minutes < 24 * 60; minutes += 5) {
      clock.advance(300_000);
      await settled();
    }
  };
  await day(unattended.clock);
  expect(times).toBeGreaterThan(3);
  expect(times).toBeLessThan(10);
  await keeper?.stop();

  const managed = machine({ current: "0.32.0", models: ["m"] });
  managed.state.autoUpdate = true;
  managed.deps.installer.install = unattended.deps.installer.install;
  times = 0;
  await managed.open();
  await day(managed.clock);
  expect(times).toBe(1);
  await day(managed.clock);
  expect(times).toBe(2);
});

test("an automatic update that found no quiet moment is tried again another day", async () => {
  const { deps, open, state, clock } = machine({ current: "0.32.0", models: ["m"] });
  state.autoUpdate = true;
  const { drain } = deps;
  deps.drain = () => Promise.reject(new Error("1 requests still run after 15 minutes: try again later"));
  const it = await open();
  for (let minutes = 0; minutes < 10; minutes++) {
    clock.advance(IDLE_CHECK_MS);
    await settled();
  }
  expect(it.failure?.kind).toBe("update");
  deps.drain = drain;
  clock.advance(LOOK_EVERY_MS);
  await settled();
  clock.advance(5 * IDLE_CHECK_MS);
  await settled();
  expect(state.current).toBe("0.33.0");
});

test("room for a model is looked for where that Ollama keeps its models", async () => {
  const { deps, open } = machine({
    found: { type: "binary", path: "/usr/bin/ollama", version: "0.31.0" },
  });
  const asked: boolean[] = [];
  deps.models.suggest = async (_url, own) => {
    asked.push(own);
    return undefined;
  };
  const it = await open();
  it.answer(true);
  it.seen("ok");
  await settled();
  it.install();
  await settled();
  expect(asked).toEqual([false, true]);
});
