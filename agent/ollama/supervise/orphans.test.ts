import { describe, expect, it } from "vitest";
import { belongsTo } from "./installation.ts";
import { orphansOf } from "./orphans.ts";
import type { ProcessEntry } from "./processes/process-table.ts";
import type { RunRecord } from "./run-record.ts";

const BINARY = "/state/ollama/versions/0.33.0/bin/ollama";
const RUNNER = "/state/ollama/versions/0.33.0/lib/ollama/llama-server";
const RECORD: RunRecord = {
  server: { pid: 500, started_at: 1_000 },
  boot_id: "boot",
  agent: { pid: 400, started_at: 900 },
  binary: BINARY,
  version: "0.33.0",
  port: 11_434,
};

const entry = (pid: number, given: Partial<ProcessEntry> = {}): ProcessEntry => ({
  pid,
  ppid: 1,
  pgid: 500,
  startedAt: 1_000,
  executable: BINARY,
  ...given,
});
const runner = (pid: number, given: Partial<ProcessEntry> = {}): ProcessEntry =>
  entry(pid, { executable: RUNNER, startedAt: 1_200, ...given });

function orphans(entries: ProcessEntry[], record = RECORD) {
  const { whole, entries: found } = orphansOf(entries, record);
  return { whole, pids: found.map(({ pid }) => pid) };
}

describe("what an agent that was killed has left", () => {
  it("is the server that has its pid and its start time, with the whole of its group", () => {
    const group = [entry(500), runner(501), entry(502, { executable: "/usr/bin/nvidia-smi" })];
    expect(orphans([...group, entry(7, { pgid: 7 })])).toEqual({ whole: true, pids: [500, 501, 502] });
  });

  it("are children in its group that run a program of its installation, when it is gone itself", () => {
    const strangers = [
      runner(503, { executable: "/usr/bin/vim" }),
      runner(504, { executable: undefined }),
      runner(505, { startedAt: 999 }),
    ];
    expect(orphans([runner(501), ...strangers])).toEqual({ whole: false, pids: [501] });
  });

  it("is nothing where another process has got the number, whatever runs in its group", () => {
    const recycled = entry(500, { startedAt: 5_000 });
    expect(orphans([recycled, runner(501, { startedAt: 5_001 })])).toEqual({ whole: false, pids: [] });
  });

  it("is never the same program that its user runs outside of that group", () => {
    expect(orphans([entry(600, { pgid: 600 }), runner(601, { pgid: 600 })]).pids).toEqual([]);
  });

  it("is known by its program alone when the agent was killed before it had read the start time", () => {
    const record = { ...RECORD, server: { pid: 500, started_at: null } };
    expect(orphans([entry(500)], record).whole).toBe(true);
    expect(orphans([entry(500, { executable: "/usr/bin/ollama" })], record).pids).toEqual([]);
  });

  it("on Windows are children of that parent that run a program of its installation", () => {
    const record = { ...RECORD, binary: "C:\\s\\0.33.0\\ollama.exe" };
    const child = { ppid: 500, pgid: undefined, executable: "c:\\S\\0.33.0\\lib\\ollama\\llama-server.exe" };
    const other = { ppid: 500, pgid: undefined, executable: "C:\\s\\0.33.0-evil\\x.exe" };
    expect(orphans([runner(501, child), runner(502, other)], record).pids).toEqual([501]);
  });
});

describe("an installation", () => {
  it.each([
    ["/usr/local/bin/ollama", "/usr/local/lib/ollama/cuda_v13/x", true],
    ["/usr/local/bin/ollama", "/usr/local/bin/ollama", true],
    ["/usr/local/bin/ollama", "/usr/local/bin/bash", false],
    ["/usr/local/bin/ollama", "/usr/local/lib/ollama-other/x", false],
    ["/v/0.33.0/ollama", "/v/0.33.0/llama-server", true],
    ["/v/0.33.0/ollama", "/v/0.34.0/llama-server", false],
  ])("of %s has %s: %s", (binary, executable, is) => {
    expect(belongsTo(binary, executable)).toBe(is);
  });
});
