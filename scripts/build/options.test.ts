import { expect, test } from "vitest";
import { readOptions } from "./options.ts";

test("without flags everything is built, and released", () => {
  const { parts, targets, release } = readOptions([]);
  expect(parts).toEqual(["worker", "agent", "coordinator", "tray"]);
  expect(targets.map(({ id }) => id)).toEqual(["linux-x64", "linux-arm64", "win-x64"]);
  expect(release).toBe(true);
});

test("a part alone is built for the platforms asked for, and makes no release", () => {
  const { parts, targets, release } = readOptions(["--only", "agent,tray", "--target", "win-x64"]);
  expect(parts).toEqual(["agent", "tray"]);
  expect(targets.map(({ id }) => id)).toEqual(["win-x64"]);
  expect(release).toBe(false);
});

test("what nobody builds is refused in a line that names what there is", () => {
  expect(() => readOptions(["--only", "agents"])).toThrow(
    "--only agents: it is one of worker, agent, coordinator, tray",
  );
  expect(() => readOptions(["--target", "linux"])).toThrow("it is one of linux-x64, linux-arm64, win-x64");
  expect(() => readOptions(["--nope"])).toThrow("--nope");
});
