import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { FakeClock } from "../../../testing/fake-clock.ts";
import { windowsHelper } from "./windows.ts";

let dir: string | undefined;
afterEach(async () => {
  if (dir !== undefined) await rm(dir, { recursive: true, force: true });
});

/**
 * Reads as PowerShell does: its commands from its input where it is told so, each when its line has ended; anything else it runs
 * only once its input has. Answers commands that print, with how many lines came.
 */
const POWERSHELL = `#!${process.execPath}
const commands = process.argv.slice(-2).join(" ") === "-Command -";
let text = "", lines = 0;
const run = () => {
  for (let end; (end = text.indexOf("\\n")) >= 0; text = text.slice(end + 1)) {
    lines++;
    if (text.slice(0, end).includes("WriteLine(")) console.log("1 " + lines);
  }
};
process.stdin.setEncoding("utf8").on("data", (more) => { text += more; if (commands) run(); }).on("end", run);
`;

test("PowerShell is asked line by line, and answers while its input is open", async () => {
  dir = await mkdtemp(join(tmpdir(), "powershell-"));
  const command = join(dir, "powershell.exe");
  await writeFile(command, POWERSHELL);
  await chmod(command, 0o755);
  const clock = new FakeClock();
  const helper = windowsHelper(clock, command);
  const late = setTimeout(() => clock.advance(60_000), 3_000);
  try {
    // Two lines come first, and each question is one.
    expect([await helper.ask(), await helper.ask()]).toEqual(["1 3", "1 4"]);
  } finally {
    clearTimeout(late);
    helper.close();
  }
});
