import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { parseStat } from "./linux-table.ts";
import { processTable, treeOf } from "./process-table.ts";
import { parsePs } from "./ps-table.ts";
import { parseCim } from "./windows-table.ts";

describe("the table of processes", () => {
  it("reads Linux's line, whatever the program calls itself", () => {
    const stat = `4711 (a) S (b) S 1 4700 4700 0 -1 4194304 90 0 0 0 1 2 0 0 20 0 1 0 123456 2703360 400`;
    expect(parseStat(stat, "/opt/ollama (deleted)")).toEqual({
      pid: 4711,
      ppid: 1,
      pgid: 4700,
      startedAt: 123456,
      executable: "/opt/ollama",
    });
    expect(parseStat(stat.replace(") S 1", ") Z 1"), undefined)).toBeUndefined();
    expect(parseStat("", undefined)).toBeUndefined();
  });

  it("reads the rows of ps", () => {
    const output = [
      "  501     1   501 Ss   Mon Nov 23 11:12:08 2026     /Users/a b/ollama",
      "  502   501   501 S+   Mon Nov  2 01:02:03 2026     /Users/a b/llama-server",
      "  503   501   501 Z    Mon Nov 23 11:12:10 2026     <defunct>",
      "",
    ].join("\n");
    expect(parsePs(output)).toEqual([
      {
        pid: 501,
        ppid: 1,
        pgid: 501,
        startedAt: Date.UTC(2026, 10, 23, 11, 12, 8),
        executable: "/Users/a b/ollama",
      },
      {
        pid: 502,
        ppid: 501,
        pgid: 501,
        startedAt: Date.UTC(2026, 10, 2, 1, 2, 3),
        executable: "/Users/a b/llama-server",
      },
    ]);
  });

  it("reads what Windows says, and knows children by their parent", () => {
    const entries = parseCim(
      '[{"pid":0,"ppid":0,"exe":null,"started":0},{"pid":8,"ppid":4,"exe":"C:\\\\o\\\\ollama.exe","started":1790000000000},{"pid":9,"ppid":8,"exe":null,"started":1790000000001}]',
    );
    expect(entries[1]).toEqual({
      pid: 8,
      ppid: 4,
      pgid: undefined,
      startedAt: 1790000000000,
      executable: "C:\\o\\ollama.exe",
    });
    expect(treeOf(entries, 8).map(({ pid }) => pid)).toEqual([8, 9]);
    expect(() => parseCim("Access denied")).toThrow();
  });

  it("of this machine has this process, and tells a group by its leader", async () => {
    const child = spawn("/bin/sh", ["-c", "sleep 60 & echo; wait"], {
      detached: true,
      stdio: ["ignore", "pipe", 0],
    });
    await once(child.stdout ?? child, "data");
    const table = processTable(process.platform);
    const entries = await table.list();
    expect(entries.find(({ pid }) => pid === process.pid)).toMatchObject({ ppid: process.ppid });
    expect(treeOf(entries, child.pid ?? 0)).toHaveLength(2);
    process.kill(-(child.pid ?? 0), "SIGKILL");
    await once(child, "exit");
    const [first, second] = [await table.bootId(), await table.bootId()];
    expect(first).toBe(second);
  });
});
