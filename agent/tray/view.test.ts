import { describe, expect, test } from "vitest";
import type { AgentStatus } from "../program/status.ts";
import { formatFor } from "./format.ts";
import { LANGUAGES } from "./language.ts";
import { CONNECTIONS, everyStatus, JOB_KINDS, SHARINGS } from "./testing/every-status.ts";
import { NOW, sampleSettings, sampleStatus } from "./testing/sample-status.ts";
import { WORDS } from "./text/words.ts";
import type { MenuItem } from "./view/menu.ts";
import { summarize } from "./view/summary.ts";
import { type View, type ViewInput, view } from "./view.ts";
import { windowModel } from "./window-model.ts";

const seen = (change: Partial<AgentStatus> = {}, input: Partial<ViewInput> = {}): View =>
  view({
    status: sampleStatus(change),
    settings: sampleSettings(),
    locked: [],
    language: "en",
    dark: false,
    appVersion: "0.1.0",
    log: [],
    now: NOW,
    timeZone: "Asia/Tokyo",
    ...input,
  });
const labels = (menu: MenuItem[]): string[] =>
  menu.flatMap((item) => (item.type === "separator" ? [] : [item.label]));
const entry = (menu: MenuItem[], label: string) =>
  menu.find((item) => item.type === "item" && item.label.startsWith(label));
const ollama = (change: Partial<AgentStatus["ollama"]>) => ({ ...sampleStatus().ollama, ...change });
const PAUSED = { state: "yielding", reason: "paused", detail: null, until: null } as const;

describe("in every state", () => {
  const context = {
    settings: sampleSettings(),
    locked: [],
    language: "en",
    words: WORDS.en,
    format: formatFor("en", "UTC"),
    now: NOW,
  } as const;
  const needsSomebody = ({ connection, failure, question, job, ollama }: AgentStatus): boolean => {
    if (failure !== null || connection.state === "stopped" || connection.state === "not_paired") return true;
    if (connection.state === "unconfigured") return false;
    if (question !== null) return true;
    const mending = job !== null && job.kind !== "pull";
    return !mending && (ollama.state === "absent" || ollama.state === "hung");
  };

  test("trouble wins over everything, and only what a person must mend is trouble", () => {
    const wrong = [...everyStatus()].filter(
      (status) => (summarize({ ...context, status }).icon === "trouble") !== needsSomebody(status),
    );
    expect(wrong).toEqual([]);
  });

  test("without trouble, the way there comes before the owner's rest, and that before work", () => {
    const wrong = [...everyStatus()].filter((status) => {
      const { connection, sharing, running, job } = status;
      const { icon } = summarize({ ...context, status });
      if (icon === "trouble") return false;
      const paused = sharing.state === "yielding";
      const online = connection.state === "online";
      const restsOffline = connection.state === "connecting" && paused && sharing.reason === "paused";
      const expected =
        !online && !restsOffline
          ? "connecting"
          : paused
            ? "paused"
            : running > 0 || job !== null
              ? "working"
              : "connected";
      return icon !== expected;
    });
    expect(wrong).toEqual([]);
  });

  test.each(LANGUAGES)("everything is worded, and fits the bridge (%s)", (language) => {
    let at = 0;
    for (const status of everyStatus()) {
      // A prime, so that every value of every part meets many of the others.
      if (at++ % 199 !== 0) continue;
      const { window, menu, tooltip } = seen(status, { language });
      expect(windowModel.parse(window)).toEqual(window);
      expect(window.headline).not.toBe("");
      expect(tooltip.length).toBeLessThanOrEqual(127);
      expect(labels(menu)).not.toContain("");
      expect(JSON.stringify({ window, menu, tooltip })).not.toMatch(/undefined|NaN|Invalid/);
    }
  });

  test("the menu always leads to the settings and out of the program", () => {
    for (const connection of CONNECTIONS) {
      for (const sharing of SHARINGS) {
        const { menu } = seen({ connection, sharing });
        expect(entry(menu, "Settings")).toMatchObject({ enabled: true, action: { type: "window" } });
        expect(entry(menu, "Quit")).toMatchObject({ enabled: true, action: { type: "quit" } });
      }
    }
  });
});

describe("a pause", () => {
  test("says until when, in local time", () => {
    const { icon, window, tooltip } = seen({ sharing: { ...PAUSED, until: "2026-11-23T11:00:00.000Z" } });
    expect(icon.state).toBe("paused");
    expect(window).toMatchObject({ headline: "Paused by you", detail: "Until 8:00 PM." });
    expect(tooltip).toBe("Ollama Coordinator\nPaused by you\nUntil 8:00 PM.");
    const japanese = seen({ sharing: { ...PAUSED, until: "2026-11-23T11:00:00.000Z" } }, { language: "ja" });
    expect(japanese.window.detail).toBe("20:00まで。");
  });

  test("says the day where that is not today", () => {
    const { window } = seen({ sharing: { ...PAUSED, until: "2026-11-23T21:00:00.000Z" } });
    expect(window.detail).toBe("Until Tue, Nov 24, 6:00 AM.");
  });

  test("says that nothing ends it where nothing does, and how many answers are still running", () => {
    expect(seen({ sharing: PAUSED, running: 1 }).window.detail).toBe(
      "Until you resume. 1 running answer is being finished.",
    );
  });

  test("can be ended in the menu, and begun there while there is none", () => {
    const paused = seen({ sharing: PAUSED }).menu;
    expect(entry(paused, "Resume")).toMatchObject({ action: { command: { type: "resume" } } });
    expect(entry(paused, "Pause")).toBeUndefined();
    const shared = seen().menu;
    expect(entry(shared, "Pause for 1 hour (until 8:00 PM)")).toMatchObject({ enabled: true });
    expect(entry(shared, "Pause until tomorrow")).toMatchObject({ action: { pause: "tomorrow" } });
    expect(entry(shared, "Resume")).toBeUndefined();
  });

  test("of another kind is not ended by resuming, and its reason is told", () => {
    const { menu, window } = seen({
      sharing: { state: "yielding", reason: "gpu_busy", detail: "game.exe uses the GPU.", until: null },
    });
    expect(entry(menu, "Resume")).toBeUndefined();
    expect(window.sharing.resume).toBeNull();
    expect(window.detail).toBe("game.exe uses the GPU.");
  });
});

describe("the menu", () => {
  test("has nothing to click that leads nowhere before there is a coordinator", () => {
    const { menu } = seen({ connection: { state: "unconfigured" }, coordinator_url: null });
    expect(entry(menu, "Pause for 1 hour")).toMatchObject({ enabled: false });
    expect(entry(menu, "Open dashboard")).toMatchObject({ enabled: false });
  });

  test("tells state and requests", () => {
    expect(labels(seen({ running: 3 }).menu).slice(0, 3)).toEqual([
      "Answering 3 requests",
      "To llm.example.com",
      "3 requests now",
    ]);
  });

  test("opens the dashboard that pairing names, unless that is no safe address", () => {
    const pairing = (dashboard_url: string) =>
      entry(
        seen({
          connection: {
            state: "pairing",
            code: "KWXT-4827",
            dashboard_url,
            expires_at: NOW.toISOString(),
            problem: null,
          },
        }).menu,
        "Open dashboard",
      );
    expect(pairing("https://llm.example.com/dashboard#pair")).toMatchObject({
      action: { url: "https://llm.example.com/dashboard#pair" },
    });
    expect(pairing("file:///C:/Windows/calc.exe")).toMatchObject({
      action: { url: "https://llm.example.com/dashboard" },
    });
  });
});

describe("the window", () => {
  test("shows one field and nothing else before the first address", () => {
    expect(seen({ connection: { state: "unconfigured" } }).window.welcome).not.toBeNull();
    expect(seen().window.welcome).toBeNull();
  });

  test("counts a pairing code down, and says when it is over", () => {
    const left = (expires_at: string) =>
      seen({
        connection: {
          state: "pairing",
          code: "KWXT-4827",
          dashboard_url: "https://x.example",
          expires_at,
          problem: null,
        },
      }).window.connection.pairing?.expires;
    expect(left("2026-11-23T10:09:05.000Z")).toBe("Valid for 9:05");
    expect(left("2026-11-23T09:59:00.000Z")).toBe("This code is no longer valid.");
  });

  test("starting over forgets the machine and asks to be let in again, after asking back", () => {
    const { actions } = seen({ connection: { state: "stopped", message: "removed" } }).window.connection;
    const over = actions.find(({ label }) => label === "Start over");
    expect(over?.commands.map(({ type }) => type)).toEqual(["logout", "pair"]);
    expect(over?.confirm).not.toBeNull();
  });

  test("shows a download's percent, size, speed and time left, never more than all of it", () => {
    const job = (done_bytes: number, total_bytes: number | null) =>
      seen({
        job: {
          kind: "pull",
          subject: "llama3.2",
          step: "downloading",
          progress: { done_bytes, total_bytes, bytes_per_s: 12_400_000, eta_s: 125 },
          problem: null,
        },
      }).window.job;
    expect(job(999_000_000, 2_000_000_000)).toMatchObject({
      title: "Downloading llama3.2",
      fraction: 0.4995,
      percent: "49%",
      facts: ["999 MB of 2 GB", "12.4 MB/s", "about 2 minutes left"],
    });
    expect(job(3_000_000_000, 2_000_000_000)).toMatchObject({ fraction: 1, percent: "100%" });
    expect(job(5_000_000, null)).toMatchObject({ fraction: null, percent: null });
  });

  test("words what is not known yet: a release that nobody has looked up", () => {
    const subject = "the newest release";
    const job = { kind: "update", subject, step: "looking_up", progress: null, problem: null } as const;
    expect(seen({ job }).window.headline).toBe("Updating Ollama");
    expect(seen({ job }, { language: "ja" }).window.headline).toBe("Ollama を更新しています");
    expect(seen({ job: { ...job, subject: "0.33.0" } }).window.headline).toBe("Updating Ollama to 0.33.0");
    const question = { kind: "install", version: "", download_bytes: null, directory: "there" } as const;
    expect(seen({ question }).window.question?.detail).toContain(
      "The newest version can be downloaded into there",
    );
  });

  test("offers to change only an Ollama that is this program's own", () => {
    const actions = (source: "managed" | "attached" | "none", change = {}) =>
      seen({ ollama: ollama({ source, update: "0.33.0", previous: "0.31.4", ...change }) })
        .window.ollama.actions.flatMap(({ commands }) => commands)
        .map(({ type }) => type);
    expect(actions("managed")).toEqual(["update", "rollback", "uninstall"]);
    expect(actions("managed", { update: null, previous: null })).toEqual(["uninstall"]);
    expect(actions("attached")).toEqual([]);
    expect(actions("none")).toEqual(["install"]);
  });

  test.each(JOB_KINDS)("offers nothing that would get in the way of a running %s", (kind) => {
    const job = { kind, subject: "x", step: "starting", progress: null, problem: null } as const;
    const { window } = seen({ job, ollama: ollama({ previous: "0.31.4" }) });
    expect(window.ollama.actions.filter(({ enabled }) => enabled)).toEqual([]);
    expect(window.ollama.add.busy).not.toBeNull();
  });

  test("says of each locked setting why it is, and of the others nothing", () => {
    const { window } = seen({}, { locked: ["sharing", "coordinator_url", "language"] });
    expect(window.connection.address.locked).not.toBeNull();
    expect(window.sharing.mains.locked).not.toBeNull();
    expect(window.sharing.schedule.locked).not.toBeNull();
    expect(window.general.language.locked).not.toBeNull();
    expect(window.sharing.manage.locked).toBeNull();
    expect(window.general.name.locked).toBeNull();
  });

  test("says of a time that it ends on the next day", () => {
    const schedule = [
      { days: [1], from: "22:00", to: "07:00" },
      { days: [1], from: "07:00", to: "22:00" },
      { days: [1], from: "07:00", to: "07:00" },
    ];
    const { sharing } = sampleSettings();
    const { window } = seen({}, { settings: sampleSettings({ sharing: { ...sharing, schedule } }) });
    expect(window.sharing.schedule.entries.map(({ note }) => note)).toEqual([
      "Ends on the following day.",
      null,
      "From this time, for a whole day.",
    ]);
  });

  test("carries only the newest lines of a long log", () => {
    const log = Array.from({ length: 1_000 }, (_, at) => `line ${at}`);
    const { lines } = seen({}, { log }).window.log;
    expect(lines).toHaveLength(300);
    expect(lines.at(-1)).toBe("line 999");
  });
});
