import { describe, expect, test } from "vitest";
import { bridgeOver } from "./bridge.ts";
import { type Handlers, serveRequests } from "./ipc.ts";
import { MemoryWire } from "./testing/memory-wire.ts";
import { NOW, sampleSettings, sampleStatus } from "./testing/sample-status.ts";
import { view } from "./view.ts";

const MODEL = view({
  status: sampleStatus(),
  settings: sampleSettings(),
  locked: [],
  language: "en",
  dark: false,
  appVersion: "0.1.0",
  log: [],
  now: NOW,
}).window;

function served(change: Partial<Handlers> = {}) {
  const wire = new MemoryWire();
  const asked: unknown[] = [];
  const note = (request: unknown) => {
    asked.push(request);
    return { ok: true } as const;
  };
  const stop = serveRequests(wire.main, {
    window: () => MODEL,
    perform: note,
    pause: note,
    change: note,
    open: note,
    copy: note,
    paste: () => "",
    ...change,
  });
  return { wire, asked, stop, bridge: bridgeOver(wire.page) };
}

describe("the page's end", () => {
  test("sends nothing that the table does not know", async () => {
    const { bridge, wire } = served();
    // @ts-expect-error: a page can call it with anything
    await expect(bridge.perform({ type: "format_disk" })).rejects.toThrow();
    // @ts-expect-error: a page can call it with anything
    await expect(bridge.change({ shell: "x" })).rejects.toThrow();
    await expect(bridge.copy("x".repeat(1_000_001))).rejects.toThrow();
    expect(wire.invoked).toEqual([]);
  });

  test("believes no answer that breaks the table", async () => {
    const { wire, bridge } = served();
    wire.answerInstead("agent:perform", { ok: "yes" });
    await expect(bridge.perform({ type: "resume" })).rejects.toThrow();
  });

  test("hears events until it has heard enough, and only whole ones", () => {
    const { wire, bridge } = served();
    const shown: string[] = [];
    const end = bridge.onChanged(({ headline }) => shown.push(headline));
    wire.main.send("agent:changed", MODEL);
    expect(() => wire.main.send("agent:changed", { ...MODEL, tabs: 5 })).toThrow();
    end();
    wire.main.send("agent:changed", MODEL);
    expect(shown).toEqual(["Connected"]);
  });
});

describe("the main process's end", () => {
  test("performs nothing that the table does not know, whoever sends it", async () => {
    const { wire, asked } = served();
    for (const [channel, payload] of [
      ["agent:perform", { type: "format_disk" }],
      ["agent:perform", { type: "pull", model: "" }],
      ["agent:perform", { type: "resume", extra: 1 }],
      ["agent:change", { max_concurrency: 0 }],
      ["agent:change", { sharing: { gpu_threshold: 1_000 } }],
      ["agent:change", { unknown: true }],
      ["agent:pause", "for ever"],
      ["agent:open", 7],
      ["agent:window", { everything: true }],
    ] as const) {
      await expect(wire.page.invoke(channel, payload), JSON.stringify(payload)).rejects.toThrow();
    }
    await expect(wire.page.invoke("agent:exec", null)).rejects.toThrow();
    expect(asked).toEqual([]);
  });

  test("lets nothing out that the table does not know", async () => {
    const { wire } = served({ window: () => ({ ...MODEL, icon: "rainbow" as "paused" }) });
    await expect(wire.page.invoke("agent:window", null)).rejects.toThrow();
  });

  test("answers no more after its end", async () => {
    const { bridge, stop } = served();
    await expect(bridge.window()).resolves.toEqual(MODEL);
    stop();
    await expect(bridge.window()).rejects.toThrow();
  });
});
