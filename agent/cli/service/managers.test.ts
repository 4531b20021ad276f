import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeClock } from "../../testing/fake-clock.ts";
import { mustRun, type Ran, systemRunner } from "./runner.ts";
import { type Machine, servicePlace } from "./service-place.ts";

let dir: string;
let ran: string[];
/** What programs of the system say, by the beginning of their command line; otherwise they succeed in silence. */
let says: Record<string, Partial<Ran>>;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "service-"));
  ran = [];
  says = {};
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const machine = (changes: Partial<Machine> = {}): Machine => ({
  platform: "linux",
  env: {},
  home: dir,
  user: "me",
  uid: 501,
  graphicsGroups: [],
  clock: new FakeClock(),
  run: async (program, args) => {
    const line = [program, ...args].join(" ");
    ran.push(line);
    const found = Object.entries(says).find(([start]) => line.startsWith(start));
    return { code: 0, stdout: "", stderr: "", ...found?.[1] };
  },
  ...changes,
});
const placed = (changes: Partial<Machine> = {}, system = false) =>
  servicePlace(machine(changes), { system, stateDir: join(dir, "s"), defaultStateDir: join(dir, "s") });
const plan = () => ({ name: "n", command: ["/bin/agent", "run"] as const, stateDir: dir });

describe("systemd", () => {
  const file = () => join(dir, ".config", "systemd", "user", "ollama-coordinator-agent.service");
  const RUNS = "LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=42\nExecMainStatus=0\n";

  test("a unit is written, enabled and restarted, and lingering is advised where it is off", async () => {
    const lines = await placed().manager.install(plan());
    expect(await readFile(file(), "utf8")).toContain("ExecStart=/bin/agent run\n");
    expect(ran).toEqual([
      "systemctl --user daemon-reload",
      "systemctl --user enable ollama-coordinator-agent.service",
      "systemctl --user restart ollama-coordinator-agent.service",
      "loginctl show-user me --property=Linger",
    ]);
    expect(lines.join("\n")).toContain("loginctl enable-linger me");
    says = { loginctl: { stdout: "Linger=yes\n" } };
    expect((await placed().manager.install(plan())).join("\n")).not.toContain("enable-linger");
  });

  test("its state is told as it is", async () => {
    says = { "systemctl --user show": { stdout: RUNS } };
    expect(await placed().manager.status()).toEqual({
      installed: true,
      file: file(),
      running: true,
      pid: 42,
      detail: "active (running)",
    });
    says = {
      "systemctl --user show": {
        stdout: "LoadState=loaded\nActiveState=failed\nSubState=failed\nMainPID=0\nExecMainStatus=3\n",
      },
    };
    expect(await placed().manager.status()).toMatchObject({
      running: false,
      pid: null,
      detail: "failed (failed), last exit code 3",
    });
    says = { "systemctl --user show": { stdout: "LoadState=not-found\nActiveState=inactive\n" } };
    expect(await placed().manager.status()).toMatchObject({ installed: false, file: null, running: false });
  });

  test("uninstalling stops it and leaves no file, and is nothing where there is none", async () => {
    says = { "systemctl --user show": { stdout: RUNS } };
    const { manager } = placed();
    await manager.install(plan());
    expect(await manager.uninstall()).toBe(true);
    expect(ran).toContain("systemctl --user disable --now ollama-coordinator-agent.service");
    await expect(stat(file())).rejects.toThrow("ENOENT");
    says = { "systemctl --user show": { stdout: "LoadState=not-found\n" } };
    expect(await manager.uninstall()).toBe(false);
  });

  test("what systemctl says of a failure is said on", async () => {
    says = { systemctl: { code: 1, stderr: "Failed to connect to bus: No medium found\n" } };
    await expect(placed().manager.install(plan())).rejects.toThrow(
      "systemctl --user daemon-reload failed (1): Failed to connect to bus: No medium found",
    );
  });

  test("another state directory is another service", () => {
    const other = servicePlace(machine(), { system: false, stateDir: "/other", defaultStateDir: "/usual" });
    expect(other.name).toMatch(/^ollama-coordinator-agent-[0-9a-f]{8}$/);
  });

  test("the machine's is for root on Linux, with a directory of its own", () => {
    expect(() => placed({}, true)).toThrow("run it as root");
    expect(() => placed({ platform: "darwin" }, true)).toThrow("--system is for Linux");
    expect(placed({ uid: 0 }, true)).toMatchObject({
      stateDir: "/var/lib/ollama-coordinator",
      configFile: "/etc/ollama-coordinator/agent.json",
      isConfigHanded: true,
    });
    expect(() =>
      servicePlace(machine({ uid: 0 }), { system: true, stateDir: "/mine", defaultStateDir: "/usual" }),
    ).toThrow("--state-dir does not go with --system");
  });
});

describe("launchd", () => {
  const file = () => join(dir, "Library", "LaunchAgents", "ollama-coordinator-agent.plist");

  test("an agent is written and loaded anew, told of, and gone after uninstall", async () => {
    const { manager } = placed({ platform: "darwin" });
    await manager.install(plan());
    expect(await readFile(file(), "utf8")).toContain("<string>/bin/agent</string>");
    expect(ran).toEqual([
      "launchctl bootout gui/501/ollama-coordinator-agent",
      "launchctl enable gui/501/ollama-coordinator-agent",
      `launchctl bootstrap gui/501 ${file()}`,
    ]);
    says = { "launchctl print": { stdout: "x = {\n\tstate = running\n\tpid = 77\n}\n" } };
    expect(await manager.status()).toEqual({
      installed: true,
      file: file(),
      running: true,
      pid: 77,
      detail: "running",
    });
    expect(await manager.uninstall()).toBe(true);
    says = { launchctl: { code: 113 } };
    expect(await manager.status()).toMatchObject({ installed: false, running: false, pid: null });
    expect(await manager.uninstall()).toBe(false);
  });
});

test("launchd, which is not done unloading when it says so, is asked again", async () => {
  const clock = new FakeClock();
  const { manager } = placed({ platform: "darwin", clock });
  says = { "launchctl bootstrap": { code: 5, stderr: "Bootstrap failed: 5: Input/output error" } };
  const installed = manager.install(plan());
  await clock.timer(500);
  says = {};
  clock.advance(500);
  await installed;
  expect(ran.filter((line) => line.startsWith("launchctl bootstrap"))).toHaveLength(2);
});

describe("the Task Scheduler", () => {
  test("a task is made of a file that goes again, and run", async () => {
    const { manager } = placed({ platform: "win32", env: { USERDOMAIN: "PC" } });
    await manager.install(plan());
    expect(ran).toEqual([
      `schtasks /Create /TN ollama-coordinator-agent /XML ${join(dir, "service-task.xml")} /F`,
      "schtasks /Run /TN ollama-coordinator-agent",
    ]);
    await expect(stat(join(dir, "service-task.xml"))).rejects.toThrow("ENOENT");
    expect(await manager.status()).toMatchObject({ installed: true, running: null });
    says = { "schtasks /Query": { code: 1 } };
    expect(await manager.status()).toMatchObject({ installed: false });
    expect(await manager.uninstall()).toBe(false);
  });
});

test("a system without any of them is told so", () => {
  expect(() => placed({ platform: "freebsd" })).toThrow("no service manager of freebsd is known");
});

test("a program that is not there is one line", async () => {
  await expect(systemRunner("no-such-program-here", [])).rejects.toThrow(
    "cannot run no-such-program-here (ENOENT)",
  );
  await expect(mustRun(systemRunner, process.execPath, ["-e", "process.exit(3)"])).rejects.toThrow(
    "failed (3)",
  );
});
