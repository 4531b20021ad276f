import { describe, expect, test } from "vitest";
import { STRATEGIES, type StrategyName } from "../../shared/api/settings.ts";
import { TIMES } from "../../shared/protocol/limits.ts";
import { Bench } from "./testing/bench.ts";
import type { FakeAgent, FakeRequest } from "./testing/fake-agent.ts";
import { turn } from "./testing/turn.ts";

const ADMIN = { kind: "admin" } as const;
const LIVE = ["a", "b", "c"] as const;
const ROUNDS = 24;
/** Time between two requests, and how long each takes, ms: at most five are under way on six places. */
const [EVERY_MS, TAKES_MS] = [400, 1_900];
/** The last of what a silent machine said is so long ago when requests begin to come, ms: it is noticed in the middle of them. */
const BEFORE_MS = TIMES.silent_ms - (ROUNDS * EVERY_MS) / 2;

interface Trouble {
  /** Whether the platform still hears its pings. */
  pings: boolean;
  begin(agent: FakeAgent, bench: Bench): void;
}

/** A request that it has taken and never answers. */
const stuck = (bench: Bench): void => void bench.ask({ agent: "dead" });

const TROUBLES: Record<string, Trouble> = {
  "never answers": { pings: true, begin: (_agent, bench) => stuck(bench) },
  "has a socket that takes nothing": {
    pings: true,
    begin: (agent, bench) => {
      const { socket } = agent;
      if (socket === undefined) throw new Error("not connected");
      socket.send = () => {};
      socket.buffered = () => Number.MAX_SAFE_INTEGER;
      stuck(bench);
    },
  },
  "falls silent": { pings: false, begin: (_agent, bench) => stuck(bench) },
  "is lost with what it had": {
    pings: false,
    begin: (agent, bench) => {
      stuck(bench);
      agent.lose();
    },
  },
  "says that its Ollama hangs": { pings: true, begin: (agent) => agent.tell({ ollama: "hung" }) },
};

const answer = (request: FakeRequest): void => {
  if (!request.open) return;
  request
    .respond()
    .write('{"done":true}\n')
    .finish({ prompt_tokens: 5, completion_tokens: 50, eval_duration: 5e8, load_duration: 1e7 });
};

/** Three machines that work, and before them one that does not, where there is trouble. */
async function fleet(strategy: StrategyName, trouble: Trouble | undefined) {
  const serve = (request: FakeRequest): void => void made.bench.clock.after(TAKES_MS, () => answer(request));
  const live = { models: ["m", "x"], slots: 2, serve };
  const made = await Bench.fleet({
    ...(trouble === undefined ? {} : { dead: { models: ["m"], slots: 1 } }),
    ...Object.fromEntries(LIVE.map((name) => [name, live])),
  });
  const { bench, agent } = made;
  await bench.brain.putSettings({ strategy });
  for (const [index, name] of LIVE.entries()) await bench.brain.patchAgent(name, { weight: 4 / 2 ** index });
  const pass = async (ms: number): Promise<void> => {
    await bench.clock.advance(ms);
    for (const name of LIVE) agent(name).socket?.ping();
    if (trouble?.pings === true) agent("dead").socket?.ping();
  };
  await pass(BEFORE_MS);
  trouble?.begin(agent("dead"), bench);
  await turn();
  return { bench, agent, pass };
}

/** Who answered each request. */
async function placed(strategy: StrategyName, trouble?: Trouble): Promise<string[]> {
  const { bench, pass } = await fleet(strategy, trouble);
  const asked = [];
  for (let round = 0; round < ROUNDS; round++) {
    asked.push(bench.ask({ model: round % 5 === 0 ? "x" : "m" }));
    await pass(EVERY_MS);
  }
  await pass(TAKES_MS);
  return asked.map(({ client, ended }) =>
    ended?.kind === "answered" ? (client.header("x-coordinator-agent") ?? "?") : `${ended?.kind}`,
  );
}

describe.each(Object.entries(TROUBLES))("a machine that %s", (_what, trouble) => {
  test.each(STRATEGIES)("changes nothing of who gets what among the others: %s", async (strategy) => {
    const without = await placed(strategy);
    expect(new Set(without)).toEqual(new Set(LIVE));
    expect(await placed(strategy, trouble)).toEqual(without);
  });

  test("is not asked for the list of models, and nor is any other: it is there at once", async () => {
    const { bench, agent, pass } = await fleet("auto", trouble);
    for (let round = 0; round < 2; round++) {
      const messages = (): number[] =>
        ["dead", ...LIVE].map((name) => agent(name).socket?.messages ?? Number.NaN);
      const before = messages();
      let listed: string[] | undefined;
      void bench.brain.tags(ADMIN).then((result) => {
        listed = result.ok ? result.value.map(({ name }) => name).sort() : [];
      });
      await turn();
      expect(listed).toEqual(["m", "x"]);
      expect(messages()).toEqual(before);
      // Once it has been noticed, too.
      await pass(TIMES.silent_ms - 1);
    }
  });
});
