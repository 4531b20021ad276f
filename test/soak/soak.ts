import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { comeAndGo, reconnect } from "./churn.ts";
import { readOptions, type Size } from "./options.ts";
import { report } from "./report.ts";
import { type Sample, takeSample } from "./sample.ts";
import { openStage, type Stage } from "./stage.ts";
import { growthOf } from "./verdict.ts";
import { noEnds, oneRequest } from "./work.ts";

/** `npm run soak [-- --quick] [--executable]`: much of everything, and nothing may be left of it. Linux: signals and /proc. */
const STEPS = 10;
const CLIENTS = 6;

const { size, executable } = readOptions(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), "soak-"));
const stage = await openStage(folder, executable);
try {
  process.exitCode = await soak(stage, size);
} finally {
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
}

async function soak(stage: Stage, size: Size): Promise<number> {
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  say(
    `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`,
  );
  const startMs = performance.now();
  const ends = noEnds();
  const step = (): Promise<void> =>
    work(
      stage,
      { requests: size.requests / STEPS, reconnects: size.reconnects / STEPS, guests: size.guests / STEPS },
      ends,
    );
  // Once before the first sample: caches fill, code is compiled, pools find their size.
  await step();
  Object.assign(ends, noEnds());
  const samples = new Map<string, Sample[]>();
  const sample = async (): Promise<void> => {
    for (const { name, pid } of stage.processes) {
      samples.set(name, [...(samples.get(name) ?? []), await takeSample(pid, folder)]);
    }
  };
  await stage.calm();
  await sample();
  for (let at = 1; at <= STEPS; at++) {
    await step();
    await stage.calm();
    await sample();
    say(`${at * (100 / STEPS)} %, ${Math.round((performance.now() - startMs) / 1_000)} s`);
  }
  say(report(samples, ends));
  keep({ size, executable, ends, samples: Object.fromEntries(samples) });
  const grown = [...samples].flatMap(([name, of]) => growthOf(of).map((growth) => ({ name, ...growth })));
  for (const { name, what, by, allowed } of grown)
    say(`GROWTH: ${name}: ${what} by ${by.toFixed(0)}, allowed ${allowed.toFixed(0)}`);
  say(grown.length === 0 ? "nothing grew" : "something grew");
  return grown.length === 0 ? 0 : 1;
}

/** Every sample, for whoever wants to know when something began. */
function keep(results: object): void {
  const into = fileURLToPath(new URL("./results/", import.meta.url));
  mkdirSync(into, { recursive: true });
  const name = `${new Date().toISOString().replaceAll(":", "-")}.json`;
  writeFileSync(join(into, name), `${JSON.stringify(results, null, 2)}\n`);
}

/** Every agent loses its connection so often, while clients ask all the time; guests come and go beside it. */
async function work(stage: Stage, size: Size, ends: ReturnType<typeof noEnds>): Promise<void> {
  const { host, key, machines } = stage;
  const rounds = Math.ceil(size.reconnects / machines.length);
  const requests = Math.ceil(size.requests / machines.length / rounds);
  let at = 0;
  await Promise.all([
    comeAndGo(host, size.guests),
    ...machines.map(async ({ agent, network }) => {
      for (let round = 0; round < rounds; round++) {
        let left = requests;
        const client = async (): Promise<void> => {
          while (left-- > 0) await oneRequest(host.url, key, at++, ends);
        };
        const clients = Array.from({ length: CLIENTS }, client);
        await reconnect(agent, network);
        await Promise.all(clients);
      }
    }),
  ]);
}
