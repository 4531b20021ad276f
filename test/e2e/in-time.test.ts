import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startAgent } from "../support/agent-process.ts";
import { listAgents, type TestHost, until } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startWorkerdHost } from "../support/hosts/workerd-host.ts";
import { startStandIn } from "../support/ollama/stand-in.ts";

/** The promise is one second; a machine that runs other tests beside this one gets three. */
const MOST_MS = 3_000;

describe.each([
  ["node", startNodeHost],
  ["workerd", startWorkerdHost],
] as const)("an agent that starts, on %s", (name, startHost) => {
  let host: TestHost;

  beforeAll(async () => {
    host = await startHost();
  });
  afterAll(async () => {
    await host.stop();
  });

  test("is registered, online and routable in time, the first time and every time after", async ({
    onTestFinished,
  }) => {
    const ollama = await startStandIn({ models: ["m"] });
    onTestFinished(() => ollama.close());
    const online = async (): Promise<number> => {
      const startedAt = performance.now();
      await until("it is online and routable", async () =>
        (await listAgents(host)).some(({ status, routable }) => status === "online" && routable),
      );
      return performance.now() - startedAt;
    };
    // Without what other tests have compiled: a user's first start has none of it.
    const env = { NODE_COMPILE_CACHE: "" };
    const agent = await startAgent(host, { name: "quick", ollamaUrl: ollama.url, env });
    onTestFinished(() => agent.dispose());
    const first = await online();
    const again: number[] = [];
    for (let start = 0; start < 3; start++) {
      await agent.end();
      await until("it is gone", async () =>
        (await listAgents(host)).every(({ status }) => status === "offline"),
      );
      agent.start();
      again.push(await online());
    }
    const shown = (ms: number): string => `${Math.round(ms)} ms`;
    console.log(
      `${name}: start to registered ${shown(first)}; known already: ${again.map(shown).join(", ")}`,
    );
    expect(Math.min(first, ...again)).toBeLessThan(MOST_MS);
    expect(first).toBeLessThan(MOST_MS);
    expect(await listAgents(host)).toHaveLength(1);
  });
});
