import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LIMITS } from "../../shared/protocol/limits.ts";
import { ask } from "../support/ask.ts";
import { ANTHROPIC, NDJSON, OPENAI, STREAMS, type TestDialect } from "../support/dialects.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { startGaugedNodeHost } from "../support/hosts/gauged-node-host.ts";
import type { GaugedHost } from "../support/hosts/gauges.ts";
import { until } from "../support/hosts/host.ts";
import { startWorkerdHost } from "../support/hosts/workerd-host.ts";
import { type Pace, quantile, readPace } from "../support/pace.ts";
import { startSlowReader } from "../support/slow-reader.ts";

const MB = 1_000_000;
const STALLED_BYTES = 200 * MB;
const MEMORY_MOST = 64 * MB;
/** Streams beside the stalled one: each has a token every 20 ms for 3 s. */
const OTHERS = 20;
const TOKENS = 150;
const TOKEN_EVERY_MS = 20;
const LOOK_EVERY_MS = 25;
const MOST_RUNS = 3;

const token = (dialect: TestDialect, number: number): string => {
  const text = `tök${number}`;
  if (dialect === NDJSON) return `{"message":{"content":"${text}"},"done":false}\n`;
  if (dialect === ANTHROPIC) return `event: content_block_delta\ndata: {"delta":{"text":"${text}"}}\n\n`;
  return `data: {"choices":[{"delta":{"content":"${text}"}}]}\n\n`;
};

/** What a run of the other streams was like, and the coordinator meanwhile. */
interface Run {
  paces: Pace[];
  peakMemory: number;
  /** The most that was held for one stream, at any look. */
  peakHeld: number;
}

const allGaps = ({ paces }: Run): number[] => paces.flatMap(({ gapsMs }) => gapsMs);
const slowest = ({ paces }: Run): number => Math.max(...paces.map(({ lastedMs }) => lastedMs));

function shown(run: Run): string {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const gaps = allGaps(run);
  return [
    `slowest stream ${ms(slowest(run))}`,
    `gaps p50 ${ms(quantile(gaps, 0.5))}, p95 ${ms(quantile(gaps, 0.95))}`,
    `memory ${(run.peakMemory / MB).toFixed(0)} MB`,
    `held ${run.peakHeld} bytes`,
  ].join(", ");
}

/** Below 1 the second run kept the pace of the first: in all, from token to token, and at its worst moments. */
function slowerBy(before: Run, after: Run): number {
  const gap = (run: Run, share: number): number => quantile(allGaps(run), share);
  return Math.max(
    slowest(after) / slowest(before) / 1.25,
    gap(after, 0.5) / gap(before, 0.5) / 1.25,
    gap(after, 0.95) / gap(before, 0.95) / 2,
  );
}

describe.each([
  ["node", startGaugedNodeHost],
  ["workerd", startWorkerdHost],
] as const)("streams, on %s", (name, startHost) => {
  let fleet: Fleet;
  let host: GaugedHost;

  beforeAll(async () => {
    fleet = await startFleet(
      async () => {
        host = await startHost();
        return host;
      },
      { name: "lone", ollama: { models: ["m"] }, flags: ["--max-concurrency", "32"] },
    );
  });
  afterAll(() => fleet.stop());

  const to = (dialect: TestDialect, extra: Record<string, unknown> = {}) => ({
    url: host.url,
    key: fleet.key,
    path: dialect.path,
    body: { ...dialect.body("m"), ...extra },
  });

  test.each(STREAMS)(
    "every piece of an answer is with the client before Ollama writes the next one, $name",
    async (dialect) => {
      const { ollama } = fleet.machine("lone");
      // Halves of lines too, cut in the middle of a character: nothing on the way may wait for a line, or for a token.
      const pieces = Array.from({ length: 40 }, (_, number) => Buffer.from(token(dialect, number))).flatMap(
        (bytes, number) => {
          const cut = bytes.indexOf("ö") + 1;
          return number % 2 === 0 ? [bytes] : [bytes.subarray(0, cut), bytes.subarray(cut)];
        },
      );
      const gates = pieces.map(() => Promise.withResolvers<void>());
      ollama.misbehave({
        kind: "raw",
        headers: { "content-type": dialect.contentType },
        chunks: pieces.flatMap((piece, at) => [{ until: gates[at]?.promise ?? Promise.resolve() }, piece]),
      });
      const asked = ask(to(dialect));
      let received = 0;
      const took: number[] = [];
      for (const [at, piece] of pieces.entries()) {
        const writtenAt = performance.now();
        gates[at]?.resolve();
        received += piece.length;
        await asked.received(received);
        if (at > 0) took.push(performance.now() - writtenAt);
      }
      const answer = await asked.answer;
      expect(answer.bytes).toEqual(Buffer.concat(pieces));
      expect(answer.end).toBe("complete");
      console.log(
        `${name}, ${dialect.name}: from Ollama to the client ${quantile(took, 0.5).toFixed(2)} ms (median)`,
      );
    },
  );

  /** Runs the other streams, and looks at the coordinator as long as they run. */
  async function runOthers(tokens = TOKENS): Promise<Run> {
    let over = false;
    let peakMemory = 0;
    let peakHeld = 0;
    const looking = (async () => {
      while (!over) {
        peakMemory = Math.max(peakMemory, host.memory());
        for (const gauge of await host.gauges()) peakHeld = Math.max(peakHeld, gauge.received_held_max);
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    })();
    const paced = { num_predict: tokens, max_tokens: tokens, stand_in: { token_delay_ms: TOKEN_EVERY_MS } };
    const paces = await Promise.all(
      Array.from({ length: OTHERS }, (_, number) =>
        readPace(to(number % 2 === 0 ? NDJSON : OPENAI, { ...paced, options: paced })),
      ),
    );
    over = true;
    await looking;
    expect(paces.map(({ complete }) => complete)).toEqual(Array(OTHERS).fill(true));
    return { paces, peakMemory, peakHeld };
  }

  test("a client that stops reading a 200 MB answer slows only its own: 20 others keep their pace, one window is held for it, and memory stays", async () => {
    // The first run pays for compiling and for pools, which neither of the two that are compared should.
    await runOthers(TOKENS / 3);
    const alone = await runOthers();

    const stalled = await startSlowReader(
      to(NDJSON, { options: { stand_in: { total_bytes: STALLED_BYTES } } }),
    );
    await until("all that the network takes is full", async () =>
      (await host.gauges()).some((gauge) => gauge.received_held_max > LIMITS.window_bytes / 2),
    );
    let beside: Run;
    for (let run = 1; ; run++) {
      beside = await runOthers();
      console.log(`${name}: alone ${shown(alone)}; beside a stalled reader ${shown(beside)}`);
      expect(beside.peakHeld).toBeLessThanOrEqual(LIMITS.window_bytes);
      expect(beside.peakMemory - alone.peakMemory).toBeLessThan(MEMORY_MOST);
      // Others use this machine too: their moment of load is not the stalled reader's doing, and does not come three times.
      if (run === MOST_RUNS || slowerBy(alone, beside) < 1) break;
    }
    expect(slowerBy(alone, beside)).toBeLessThan(1);
    // It was stalled all the time, and for nobody else anything is held.
    const [held] = await host.gauges();
    expect(held).toMatchObject({ streams: 1, received_held_max: held?.received_held });
    expect(held?.received_held_max).toBeGreaterThan(LIMITS.window_bytes / 2);

    const whole = await stalled.readOn();
    expect(whole.complete).toBe(true);
    expect(whole.bytes).toBeGreaterThanOrEqual(STALLED_BYTES);
    expect(whole.tail).toContain('"done":true');
    await until("nothing is held any more", async () =>
      (await host.gauges()).every(({ streams, received_held }) => streams === 0 && received_held === 0),
    );
  });
});
