import { describe, expect, test } from "vitest";
import { agentStatusOf, jobOf } from "../../testing/fake-program.ts";
import { FakeTerminal } from "../testing/fake-terminal.ts";
import { cellWidth, cleanText, fitText } from "./fit-text.ts";
import { jobLine } from "./job-text.ts";
import { LiveScreen } from "./live-screen.ts";
import { statusLines } from "./status-lines.ts";
import { wantsColour } from "./terminal.ts";
import { bytesText, momentText, spanText } from "./units.ts";

const NOW = new Date("2026-11-23T10:00:00.000Z");
const plain = { columns: undefined, colour: false, now: NOW };
const linesOf = (changes: Parameters<typeof agentStatusOf>[0] = {}): string[] =>
  statusLines(agentStatusOf(changes), plain);

test("an agent that is well is six lines", () => {
  expect(linesOf({ running: 2 })).toEqual([
    "agent        workshop, version 0.1.0, pid 4711, up 2 h",
    "coordinator  https://c.example: online for 1 h 59 min",
    "sharing      yes, 2 running, 12 answered",
    "Ollama       0.32.1, run by this agent, http://127.0.0.1:11434: ok",
    "models       1, 1.0 MB; loaded: tiny:latest",
    "state in     /state",
  ]);
});

const soon = "2026-11-23T10:04:30.000Z";

test.each([
  [{ state: "unconfigured" } as const, "no coordinator yet: give one with --coordinator-url"],
  [
    { state: "connecting", retry_at: soon, problem: "DNS: no such host" } as const,
    "connecting, next try in 4 min 30 s: DNS: no such host",
  ],
  [{ state: "registering", retry_at: null, problem: null } as const, "registering"],
  [
    {
      state: "pairing",
      code: "ABCD-1234",
      dashboard_url: "https://c.example/d",
      expires_at: soon,
      problem: null,
    } as const,
    "enter code ABCD-1234 at https://c.example/d, 4 min 30 s left",
  ],
  [{ state: "not_paired", why: "rejected", message: "nobody let it in" } as const, "nobody let it in"],
  [{ state: "stopped", message: "the token was revoked" } as const, "the token was revoked"],
])("a connection that is %j says so", (connection, text) => {
  expect(linesOf({ connection })[1]).toBe(`coordinator  https://c.example: ${text}`);
});

test("a machine that yields says why and until when", () => {
  const until = new Date(NOW.getTime() + 60_000);
  expect(
    linesOf({
      sharing: { state: "yielding", reason: "gpu_busy", detail: "game", until: until.toISOString() },
    })[2],
  ).toBe(`sharing      no, the GPU is in use (game) until ${momentText(until, NOW)}, 0 running, 12 answered`);
});

test("what is at work, what is asked and what failed each have a line", () => {
  const lines = linesOf({
    job: jobOf({ step: "waiting", problem: "connection reset" }),
    question: { kind: "pull", model: "big:70b", download_bytes: 40_000_000_000 },
    failure: { kind: "update", message: "checksum does not match" },
  });
  expect(lines).toContain("at work      installing Ollama 0.32.1: waiting (connection reset)");
  expect(lines).toContain("question     pull big:70b (40 GB)?");
  expect(lines).toContain("failed       update: checksum does not match");
});

test("no line is wider than the terminal, whatever its width and the names in it", () => {
  const status = agentStatusOf({
    name: "作業場のコンピューター".repeat(10),
    job: jobOf({ subject: "0.1.0" }),
  });
  for (let columns = 1; columns < 120; columns++) {
    for (const colour of [false, true]) {
      for (const line of statusLines(status, { columns, colour, now: NOW })) {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no cells
        expect(cellWidth(line.replace(/\u001b\[\d*m/g, ""))).toBeLessThanOrEqual(columns);
      }
    }
  }
});

test("a name from elsewhere cannot command the terminal", () => {
  const lines = linesOf({ name: "evil\u001b[2J\u0007\n\u202eback" });
  expect(lines[0]).toContain("evil[2J back");
  expect(lines.join("")).not.toMatch(/[\p{Cc}\u202e]/u);
});

test("colours are for terminals whose user wants them", () => {
  const tty = new FakeTerminal();
  expect(wantsColour(tty, {})).toBe(true);
  expect(wantsColour(tty, { NO_COLOR: "1" })).toBe(false);
  expect(wantsColour(tty, { NO_COLOR: "" })).toBe(true);
  expect(wantsColour(tty, { TERM: "dumb" })).toBe(false);
  expect(wantsColour(new FakeTerminal({ isTTY: false }), {})).toBe(false);
  const coloured = statusLines(agentStatusOf(), { columns: 80, colour: true, now: NOW });
  expect(coloured[1]).toContain("\u001b[32mhttps://c.example: online");
});

describe("texts", () => {
  test("are cut by cells, not by letters", () => {
    expect(fitText("abcdef", 6)).toBe("abcdef");
    expect(fitText("abcdefg", 6)).toBe("abcde…");
    expect(fitText("日本語", 5)).toBe("日本…");
    expect(fitText("日本語", 4)).toBe("日…");
    expect(cellWidth("e\u0301")).toBe(1);
    expect(cleanText("a\tb")).toBe("a b");
  });

  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1_500, "1.5 kB"],
    [9_960_000, "10 MB"],
    [999_600_000, "1.0 GB"],
    [2e15, "2000 TB"],
  ])("%d bytes are %s", (bytes, text) => expect(bytesText(bytes)).toBe(text));

  test.each([
    [-5, "0 s"],
    [59.4, "59 s"],
    [80, "1 min 20 s"],
    [3_600, "1 h"],
    [100_000, "1 d 3 h"],
  ])("%d seconds are %s", (seconds, text) => expect(spanText(seconds)).toBe(text));

  test("a time of another day has its date", () => {
    const day = new Date(2026, 10, 24, 8, 5);
    expect(momentText(day, new Date(2026, 10, 24, 1))).toBe("08:05");
    expect(momentText(day, new Date(2026, 10, 23, 1))).toBe("2026-11-24 08:05");
  });

  test("a job is percent, bytes, speed and time left, as far as they are known", () => {
    const progress = { done_bytes: 4.2e8, total_bytes: 1e9, bytes_per_s: 1e7, eta_s: 58 };
    const downloading = jobOf({ step: "downloading", progress });
    expect(jobLine(downloading)).toBe(
      "installing Ollama 0.32.1: downloading 42 %, 420 MB of 1.0 GB, 10 MB/s, 58 s left",
    );
    const unknown = { done_bytes: 4.2e8, total_bytes: null, bytes_per_s: null, eta_s: null };
    expect(jobLine(jobOf({ kind: "pull", subject: "tiny", step: "downloading", progress: unknown }))).toBe(
      "pulling tiny: downloading 420 MB",
    );
  });
});

describe("a live screen", () => {
  test("draws in place, and shorter than before leaves nothing behind", () => {
    const terminal = new FakeTerminal();
    terminal.write("$ agent status\n");
    const screen = new LiveScreen(terminal);
    screen.draw(() => ["one", "two", "three"]);
    screen.draw(() => ["uno"]);
    expect(terminal.screen).toEqual(["$ agent status", "uno"]);
    screen.close();
    expect(terminal.listeners).toBe(0);
  });

  test("draws again at another width, and never more lines than the terminal has", () => {
    const terminal = new FakeTerminal({ rows: 3 });
    const screen = new LiveScreen(terminal);
    screen.draw(() => [`${terminal.columns}`, "b", "c", "d"]);
    terminal.resize(40);
    expect(terminal.screen).toEqual(["40", "b"]);
    screen.close();
  });
});
