import { chmod, mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../core/clock.ts";
import { ControlServer } from "../../program/control/control-server.ts";
import { FakeProgram } from "../../testing/fake-program.ts";
import { readInvocation } from "../settings.ts";
import { installService } from "./install-service.ts";
import { closedToOthers } from "./readable-by-others.ts";
import type { ServicePlace } from "./service-place.ts";
import type { ServicePlan } from "./service-plan.ts";

let dir: string;
let plans: ServicePlan[];
beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), "install-")));
  plans = [];
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function place(): ServicePlace {
  return {
    manager: {
      install: async (plan) => {
        plans.push(plan);
        return ["a line of advice"];
      },
      stop: async () => {},
      uninstall: async () => true,
      status: async () => ({ installed: false, file: null, running: false, pid: null, detail: null }),
    },
    name: "the-agent",
    stateDir: dir,
    configFile: join(dir, "service.json"),
    isConfigHanded: false,
  };
}

async function install(argv: string[], env: Record<string, string> = {}) {
  const call = await readInvocation(["service", "install", ...argv], env);
  if (!call.ok) throw new Error(call.error);
  const said: string[] = [];
  const options = {
    ...call,
    command: ["/bin/agent"] as const,
    clock: systemClock,
    say: (line: string) => void said.push(line),
  };
  const code = await installService(place(), options);
  return { code, said };
}

const config = async (): Promise<unknown> => JSON.parse(await readFile(join(dir, "service.json"), "utf8"));

test("what was given goes into a file for this user only, and nothing of it onto the command line", async () => {
  const given = ["--coordinator-url", "https://c.example", "--max-concurrency", "2", "--allow-manage"];
  const { code, said } = await install(given, { JOIN_TOKEN: "secret-token" });
  expect(code).toBe(0);
  expect(await config()).toEqual({
    coordinator_url: "https://c.example",
    max_concurrency: 2,
    allow_manage: true,
    join_token: "secret-token",
  });
  if (process.platform !== "win32") {
    expect((await stat(join(dir, "service.json"))).mode & 0o777).toBe(0o600);
  }
  expect(plans).toEqual([
    {
      name: "the-agent",
      stateDir: dir,
      command: ["/bin/agent", "run", "--state-dir", dir, "--config", join(dir, "service.json")],
    },
  ]);
  expect(said).toEqual([
    `installed and started the-agent; its settings are in ${join(dir, "service.json")}`,
    "a line of advice",
  ]);
});

test("the file is one that the agent reads", async () => {
  await install(["--coordinator-url", "https://c.example", "--name", "box"]);
  expect(await readInvocation(["run", "--config", join(dir, "service.json")], {})).toMatchObject({
    ok: true,
    settings: { coordinatorUrl: "https://c.example", name: "box" },
  });
});

test("installing again keeps what was given before", async () => {
  await install(["--coordinator-url", "https://c.example", "--name", "box"]);
  await install(["--name", "bigger-box"]);
  expect(await config()).toEqual({ coordinator_url: "https://c.example", name: "bigger-box" });
  await writeFile(join(dir, "service.json"), "{");
  await expect(install([])).rejects.toThrow("is damaged: delete it and install again");
});

test("an agent that would go nowhere is told of", async () => {
  expect((await install([])).said.at(-1)).toContain("it knows no coordinator yet");
});

test("beside an agent that was started by hand there is no service", async () => {
  const server = new ControlServer({
    stateDir: dir,
    api: new FakeProgram({ pid: 4711 }),
    clock: systemClock,
  });
  await server.start();
  try {
    await expect(install([])).rejects.toThrow(
      `an agent (pid 4711) runs with state directory ${dir}: stop it`,
    );
    expect(plans).toEqual([]);
  } finally {
    await server.stop();
  }
});

test.skipIf(process.platform === "win32")(
  "a program in somebody's home is found to be closed to others",
  async () => {
    await chmod(dir, 0o755);
    await mkdir(join(dir, "home"), { mode: 0o700 });
    await writeFile(join(dir, "home", "agent"), "");
    expect(await closedToOthers(join(dir, "home", "agent"))).toBe(join(dir, "home"));
    await chmod(join(dir, "home"), 0o755);
    expect(await closedToOthers(join(dir, "home", "agent"))).toBeUndefined();
    await chmod(join(dir, "home", "agent"), 0o700);
    expect(await closedToOthers(join(dir, "home", "agent"))).toBe(join(dir, "home", "agent"));
  },
);
