import { afterEach, expect, test } from "vitest";
import { FakeClock } from "../../../testing/fake-clock.ts";
import { HelperProcess, RESTART_MS } from "./helper-process.ts";
import { runTool } from "./run-tool.ts";

let helper: HelperProcess | undefined;
afterEach(() => helper?.close());

const clock = new FakeClock();
/** Counts the lines that it gets; `script` may do otherwise. */
function start(script: string, command = process.execPath): HelperProcess {
  helper = new HelperProcess({ command, args: ["-e", script], question: "\n", clock });
  return helper;
}
const COUNTS = "let n = 0; process.stdin.on('data', () => console.log(process.pid + ' ' + ++n))";

test("one program answers one line after the other, and questions at the same time share an answer", async () => {
  const counting = start(COUNTS);
  const [first, same] = await Promise.all([counting.ask(), counting.ask()]);
  const [pid, count] = first?.split(" ") ?? [];
  expect([same, count]).toEqual([first, "1"]);
  expect(await counting.ask()).toBe(`${pid} 2`);
  expect(clock.pending).toEqual([]);
});

test("one that ends is an answer too, and is started again only after a while", async () => {
  const ending = start("process.stdin.on('data', () => process.exit(1))");
  expect(await ending.ask()).toBeUndefined();
  expect(await ending.ask()).toBeUndefined();
  expect(clock.pending).toEqual([]);
  clock.advance(RESTART_MS);
  const again = ending.ask();
  expect(clock.pending).toHaveLength(1);
  expect(await again).toBeUndefined();
});

test("one that cannot be started, and one that never answers, say nothing", async () => {
  expect(await start("", "/nowhere/helper").ask()).toBeUndefined();
  const silent = start("process.stdin.resume()").ask();
  clock.advance(60_000);
  expect(await silent).toBeUndefined();
});

test("closed, it ends and answers nothing", async () => {
  const counting = start(COUNTS);
  await counting.ask();
  const last = counting.ask();
  counting.close();
  expect(await last).toBeUndefined();
  expect(await counting.ask()).toBeUndefined();
});

test("a tool says what it prints, and nothing where it fails or is not there", async () => {
  expect(await runTool(process.execPath, ["-p", "6 * 7"])).toBe("42\n");
  expect(await runTool(process.execPath, ["-e", "process.exit(3)"])).toBeUndefined();
  expect(await runTool("/nowhere/tool", [])).toBeUndefined();
});
