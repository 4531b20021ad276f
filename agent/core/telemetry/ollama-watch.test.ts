import { expect, test } from "vitest";
import type { AgentState, Model } from "../../../shared/protocol/messages.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { OllamaError } from "./ollama-client.ts";
import { OllamaWatch } from "./ollama-watch.ts";

function watching() {
  const clock = new FakeClock();
  const reports: AgentState[] = [];
  const journal: string[] = [];
  const ollama: { error: OllamaError | undefined; models: Model[]; gate: Promise<void> } = {
    error: undefined,
    models: [],
    gate: Promise.resolve(),
  };
  const watch = new OllamaWatch({
    clock,
    report: (changes) => reports.push(changes),
    client: {
      version: async () => {
        journal.push(`asked at ${clock.now()}`);
        if (ollama.error !== undefined) throw ollama.error;
        return "1.0";
      },
      models: async () => {
        const models = [...ollama.models];
        await ollama.gate;
        return models;
      },
      loaded: async () => [],
    },
  });
  /** Lets `ms` pass and every look that falls due in it finish. */
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 1_000) {
      clock.advance(Math.min(left, 1_000));
      await settled();
    }
  };
  return { clock, reports, journal, ollama, watch, pass };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test("an idle Ollama is looked at every 10 s, a busy one every 2 s", async () => {
  const { watch, journal, pass } = watching();
  await watch.start();
  await pass(20_000);
  expect(journal).toEqual(["asked at 0", "asked at 10000", "asked at 20000"]);
  watch.setBusy(true);
  await pass(4_000);
  expect(journal.slice(3)).toEqual(["asked at 22000", "asked at 24000"]);
  watch.setBusy(false);
  await pass(20_000);
  expect(journal.slice(5)).toEqual(["asked at 26000", "asked at 36000"]);
  watch.stop();
  await pass(100_000);
  expect(journal).toHaveLength(7);
});

test("an Ollama that is away is told of with the reason, and taken back by itself", async () => {
  const { watch, reports, ollama, pass } = watching();
  ollama.error = new OllamaError("cannot reach it (ECONNREFUSED)", false);
  await watch.start();
  expect(reports).toEqual([{ ollama: "absent", ollama_error: "cannot reach it (ECONNREFUSED)", loaded: [] }]);
  ollama.error = undefined;
  ollama.models = [{ name: "a" }];
  await pass(2_000);
  expect(reports[1]).toEqual({
    ollama: "ok",
    ollama_error: "",
    ollama_version: "1.0",
    models: [{ name: "a" }],
    loaded: [],
  });
});

test("an Ollama that takes the connection and says nothing is hung the second time, not the first", async () => {
  const { watch, reports, ollama, pass } = watching();
  await watch.start();
  ollama.error = new OllamaError("does not answer within 2 s", true);
  await pass(10_000);
  expect(reports).toHaveLength(1);
  await pass(2_000);
  expect(reports[1]).toMatchObject({ ollama: "hung", ollama_error: "does not answer within 2 s" });
  ollama.error = undefined;
  await pass(2_000);
  expect(reports[2]).toMatchObject({ ollama: "ok" });
});

test("a refresh during a look waits for one that began after it, and several share that one", async () => {
  const { watch, reports, ollama, journal } = watching();
  const slow = Promise.withResolvers<void>();
  ollama.gate = slow.promise;
  void watch.start();
  await settled();
  ollama.models = [{ name: "pulled" }];
  const refreshed = [watch.refresh(), watch.refresh(), watch.refresh()];
  slow.resolve();
  await Promise.all(refreshed);
  expect(journal).toHaveLength(2);
  expect(reports.at(-1)).toMatchObject({ models: [{ name: "pulled" }] });
});
