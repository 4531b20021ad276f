import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../../../test/support/free-port.ts";
import { SELF_SIGNED } from "../../../test/support/self-signed.ts";
import { connectProxy } from "../../testing/connect-proxy.ts";
import { Clinic, TOKEN } from "../../testing/doctor-clinic.ts";
import { type Finding, isWell, STEPS, type Step } from "./finding.ts";

const HOUR_MS = 3_600_000;

let clinic: Clinic;
beforeEach(async () => {
  clinic = await Clinic.open();
});
afterEach(() => clinic.close());

const steps = (findings: Record<Step, Finding>, verdict: Finding["verdict"]): string[] =>
  Object.values(findings)
    .filter((finding) => finding.verdict === verdict)
    .map(({ step }) => step);
const broken = (findings: Record<Step, Finding>): string[] => steps(findings, "broken");
const all = (findings: Record<Step, Finding>): string => JSON.stringify(findings);

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

test("where all is well each step says what it found, in the order of the way", async () => {
  const findings = await clinic.examine();
  expect(Object.keys(findings)).toEqual(STEPS);
  expect(steps(findings, "skipped")).toEqual(["tls", "managed_ollama"]);
  expect(steps(findings, "ok")).toHaveLength(STEPS.length - 2);
  expect(isWell(Object.values(findings))).toBe(true);
  const found = (step: Step): string => findings[step].found;
  expect(found("settings")).toBe(`coordinator ${clinic.url}, from a test`);
  expect(found("dns")).toBe("localhost is 127.0.0.1");
  expect(found("tcp")).toMatch(/^127\.0\.0\.1 port \d+ answers in \d+ ms$/);
  expect(found("token")).toBe("the coordinator knows this agent (desk, a-1)");
  expect(found("ollama")).toBe(`${clinic.ollama.url} is version 0.33.0, models: 1`);
  expect(found("disk")).toMatch(/^100\.0 GiB free in /);
  expect(found("gpu")).toBe("Test GPU (8.0 GiB)");
  expect(all(findings)).not.toContain(TOKEN);
});

test("each step has its section in docs/troubleshooting.md, in the same order", async () => {
  const text = await readFile(new URL("../../../docs/troubleshooting.md", import.meta.url), "utf8");
  expect([...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual(STEPS);
});

test("nothing that it asks may take the place of the agent that runs, or count as its sign of life", async () => {
  await clinic.examine();
  expect(clinic.asked).toEqual(["GET /healthz", "UPGRADE /ws/agent", "POST /api/health with a token"]);
});

describe("it names the step that is broken, and only that one:", () => {
  test("a wrong host name", async () => {
    const findings = await clinic.examine(
      { coordinatorUrl: { value: "https://no-such-host.invalid", from: "a test" } },
      { lookup: () => Promise.reject(systemError("ENOTFOUND")) },
    );
    expect(broken(findings)).toEqual(["dns"]);
    expect(findings.dns.found).toBe("no address for no-such-host.invalid (ENOTFOUND)");
    expect(findings.token).toMatchObject({
      verdict: "skipped",
      found: 'needs the step "dns", which is broken',
    });
  });

  test("a closed port", async () => {
    const port = await freePort();
    const findings = await clinic.examine({
      coordinatorUrl: { value: `http://127.0.0.1:${port}`, from: "a test" },
    });
    expect(broken(findings)).toEqual(["tcp"]);
    expect(findings.tcp.found).toBe(`cannot connect to 127.0.0.1 port ${port} (ECONNREFUSED)`);
  });

  test("TLS with an authority that nobody knows", async () => {
    const own = await Clinic.open(SELF_SIGNED);
    const findings = await own.examine();
    await own.close();
    expect(broken(findings)).toEqual(["tls"]);
    expect(findings.tls.found).toMatch(
      /^not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\): TLSv1\.3, certificate by localhost, valid until 2126-/,
    );
    expect(findings.tls.advice).toContain("NODE_EXTRA_CA_CERTS");
    // What is not trusted is told nothing.
    expect(own.asked).toEqual([]);
  });

  test("a server that speaks no TLS", async () => {
    const findings = await clinic.examine({
      coordinatorUrl: { value: clinic.url.replace("http:", "https:"), from: "a test" },
    });
    expect(broken(findings)).toEqual(["tls"]);
    expect(findings.tls.advice).toContain("try http:// instead of https://");
  });

  test.each(["http", "https"])("a proxy that wants a password, for %s", async (protocol) => {
    const proxy = await connectProxy(407);
    const named = `http://me:my-secret@127.0.0.1:${proxy.port}`;
    const findings = await clinic.examine(
      { coordinatorUrl: { value: clinic.url.replace("http:", `${protocol}:`), from: "a test" } },
      { env: { HTTP_PROXY: named, HTTPS_PROXY: named } },
    );
    await proxy.close();
    expect(broken(findings)).toEqual(["proxy"]);
    expect(findings.proxy.found).toBe(
      `http://127.0.0.1:${proxy.port} answers HTTP 407 instead of connecting to ${new URL(clinic.url).host}`,
    );
    expect(findings.dns).toMatchObject({ verdict: "skipped", found: "the proxy looks the name up" });
    expect(all(findings)).not.toContain("my-secret");
  });

  test("a proxy that is not there, or that cannot be one, without telling its password", async () => {
    const port = await freePort();
    for (const named of [
      `http://me:my-secret@127.0.0.1:${port}`,
      `socks5://me:my-secret@127.0.0.1:${port}`,
      "gopher://me:my-secret@proxy.example",
      "http://me:my-secret/with-a-slash@proxy.example:1",
    ]) {
      const findings = await clinic.examine({}, { env: { HTTP_PROXY: named } });
      expect([named, broken(findings)]).toEqual([named, ["proxy"]]);
      expect(all(findings)).not.toContain("my-secret");
    }
  });

  test("a SOCKS proxy that does not allow it, with its reason", async () => {
    // Takes the greeting, then answers "not allowed by ruleset" (RFC 1928).
    const proxy = createServer((socket) => {
      socket.once("data", () => {
        socket.write(Buffer.of(5, 0));
        socket.once("data", () => socket.end(Buffer.of(5, 2, 0, 1, 0, 0, 0, 0, 0, 0)));
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const address = proxy.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const findings = await clinic.examine({}, { env: { ALL_PROXY: `socks5h://127.0.0.1:${port}` } });
    await new Promise((resolve) => proxy.close(resolve));
    expect(broken(findings)).toEqual(["proxy"]);
    expect(findings.proxy.found).toBe(
      `cannot use socks5h://127.0.0.1:${port} (Socks5 proxy rejected connection - NotAllowed)`,
    );
  });

  test("a token that was revoked", async () => {
    clinic.knowsToken = false;
    const findings = await clinic.examine();
    expect(broken(findings)).toEqual(["token"]);
    expect(findings.token.found).toContain("desk was removed there");
    expect(findings.token.advice).toContain("join token");
  });

  test.each([
    ["ahead", HOUR_MS],
    ["behind", -HOUR_MS],
  ])("a clock that is an hour %s", async (word, off) => {
    const findings = await clinic.examine({}, { wallClock: () => Date.now() + off });
    expect(broken(findings)).toEqual(["clock"]);
    expect(findings.clock.found).toMatch(new RegExp(`clock is 60 minutes ${word}`));
  });

  test("a clock that differs from the coordinator's by a day", async () => {
    clinic.date = new Date(Date.now() + 50 * HOUR_MS).toUTCString();
    const findings = await clinic.examine();
    expect(broken(findings)).toEqual(["clock"]);
    expect(findings.clock.found).toBe("this machine's clock is 2 days behind the coordinator's");
  });

  test("an Ollama that is not there", async () => {
    const port = await freePort();
    const findings = await clinic.examine({ ollamaUrl: `http://127.0.0.1:${port}` });
    expect(broken(findings)).toEqual(["ollama"]);
    expect(findings.ollama.found).toContain("ECONNREFUSED");
  });

  test("a disk that is full", async () => {
    const findings = await clinic.examine({}, { diskFree: async () => 1024 ** 3 - 1 });
    expect(broken(findings)).toEqual(["disk"]);
  });

  test("a disk that has room and takes nothing", async () => {
    const findings = await clinic.examine({}, { probeWrite: () => Promise.reject(systemError("ENOSPC")) });
    expect(broken(findings)).toEqual(["disk"]);
    expect(findings.disk.found).toContain("takes no more (ENOSPC)");
  });

  test("no coordinator URL anywhere", async () => {
    await clinic.writeIdentity("{");
    const findings = await clinic.examine({ coordinatorUrl: undefined });
    expect(broken(findings)).toEqual(["settings", "identity"]);
  });

  test("a coordinator URL that is none", async () => {
    await clinic.writeIdentity(
      '{"coordinator_url":"somewhere","agent_id":"a","agent_token":"t","name":"desk"}',
    );
    const findings = await clinic.examine({ coordinatorUrl: undefined });
    expect(broken(findings)).toEqual(["settings"]);
    expect(findings.settings.found).toBe('"somewhere", from this machine\'s registration, is no http(s) URL');
  });

  test("a server that is no coordinator", async () => {
    clinic.healthz = { status: 200, body: "<html>" };
    const findings = await clinic.examine();
    expect(broken(findings)).toEqual(["coordinator"]);
    expect(findings.clock.verdict).toBe("ok");
    expect(clinic.asked).toEqual(["GET /healthz"]);
  });

  test("a reverse proxy that takes the upgrade away", async () => {
    clinic.upgrade = "HTTP/1.1 426 Upgrade Required\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    const findings = await clinic.examine();
    expect(broken(findings)).toEqual(["upgrade"]);
    expect(findings.upgrade.advice).toContain("a reverse proxy must pass on the headers");
  });

  test("another protocol", async () => {
    clinic.upgrade =
      "HTTP/1.1 400 Bad Request\r\nx-coordinator-error: bad_request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    expect((await clinic.examine()).upgrade.advice).toContain("update the older of the two");
  });

  test("an identity that cannot be read", async () => {
    await clinic.writeIdentity("{}");
    const findings = await clinic.examine();
    expect(broken(findings)).toEqual(["identity"]);
    expect(findings.token.verdict).toBe("skipped");
  });
});

test("a proxy that works is named, and is asked for a tunnel as the agent would", async () => {
  const proxy = await connectProxy();
  const findings = await clinic.examine({}, { env: { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` } });
  await proxy.close();
  expect(broken(findings)).toEqual([]);
  expect(findings.proxy.found).toMatch(/^http:\/\/127\.0\.0\.1:\d+ connects to localhost:\d+ in \d+ ms$/);
  expect(proxy.asked[0]).toBe(`CONNECT ${new URL(clinic.url).host}`);
});

test("a proxy on the way to an unknown authority: the proxy is well, TLS is not", async () => {
  const own = await Clinic.open(SELF_SIGNED);
  const proxy = await connectProxy();
  const findings = await own.examine({}, { env: { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` } });
  await proxy.close();
  await own.close();
  expect(broken(findings)).toEqual(["tls"]);
});

test("a coordinator without TLS on another machine is warned of", async () => {
  const { tls } = await clinic.examine({
    coordinatorUrl: { value: clinic.url.replace("localhost", "[::ffff:127.0.0.1]"), from: "a test" },
  });
  expect(tls).toMatchObject({ verdict: "warning", advice: expect.stringContaining("can read tokens") });
});

test("the token of one coordinator is not shown to another", async () => {
  const other = await Clinic.open();
  const findings = await clinic.examine({ coordinatorUrl: { value: other.url, from: "a test" } });
  await other.close();
  expect(broken(findings)).toEqual(["token"]);
  expect(findings.token.found).toContain(`registered at ${clinic.url}`);
  expect(other.asked).toEqual(["GET /healthz", "UPGRADE /ws/agent"]);
});

test("a machine that is not registered yet is told so, and nothing is broken", async () => {
  const findings = await clinic.examine({ stateDir: join(clinic.stateDir, "deep", "another") });
  expect(broken(findings)).toEqual([]);
  expect(await readdir(clinic.stateDir)).toEqual(["identity.json"]);
  expect(findings.token).toMatchObject({ verdict: "warning", found: "this machine is not registered yet" });
});

test("where no identity could be written is found out before somebody registers", async () => {
  const stateDir = join(clinic.stateDir, "identity.json", "state");
  const findings = await clinic.examine({ stateDir });
  expect(broken(findings)).toEqual(["identity"]);
  expect(findings.identity.found).toContain("ENOTDIR");
});

test("without a coordinator URL of its own the one that the machine is registered at is used", async () => {
  const findings = await clinic.examine({ coordinatorUrl: undefined });
  expect(findings.settings.found).toBe(`coordinator ${clinic.url}, from this machine's registration`);
  expect(broken(findings)).toEqual([]);
});

test.skipIf(process.platform === "win32")("an identity that others can read is warned of", async () => {
  await chmod(join(clinic.stateDir, "identity.json"), 0o644);
  const { identity } = await clinic.examine();
  expect(identity).toMatchObject({ verdict: "warning", found: expect.stringContaining("mode 0644") });
});

test("an Ollama of another user, whose directory takes no probe, is not a full disk", async () => {
  const { disk } = await clinic.examine({}, { probeWrite: () => Promise.reject(systemError("EACCES")) });
  expect(disk.verdict).toBe("ok");
});

test("the first directory that is there is the one that counts, and a remote Ollama has none", async () => {
  const asked: string[] = [];
  const diskFree = async (dir: string): Promise<number> => {
    asked.push(dir);
    if (asked.length === 1) throw systemError("ENOENT");
    return 3 * 1024 ** 3;
  };
  const { disk } = await clinic.examine({ modelsDir: "/models" }, { diskFree });
  expect(asked[0]).toBe("/models");
  expect(disk).toMatchObject({ verdict: "warning", found: `3.0 GiB free in ${asked[1]}` });
  const remote = await clinic.examine({ ollamaUrl: "http://192.0.2.1:1" }, { clock: impatient });
  expect(remote.disk.verdict).toBe("skipped");
});

test("a GPU tool that hangs is a warning after its time", async () => {
  const { gpu } = await clinic.examine({}, { readGpus: () => new Promise(() => {}), clock: impatient });
  expect(gpu).toMatchObject({ verdict: "warning", found: "cannot be read (nothing within 15 s)" });
});

test("an old Ollama is told what it lacks", async () => {
  clinic.ollama.server.removeAllListeners("request");
  clinic.ollama.server.on("request", (request, response) =>
    response.end(request.url === "/api/version" ? '{"version":"0.12.9"}' : '{"models":[]}'),
  );
  const { ollama } = await clinic.examine();
  expect(ollama.verdict).toBe("warning");
  expect(ollama.advice).toMatch(/too old for \/v1\/responses, \/v1\/messages.*: update Ollama/);
});

test("the directory of a managed Ollama: what is in it, or why it cannot be used", async () => {
  const directory = join(clinic.stateDir, "ollama");
  expect((await clinic.examine({ managedDir: directory })).managed_ollama.verdict).toBe("skipped");
  await mkdir(join(directory, "0.33.0"), { recursive: true });
  expect((await clinic.examine({ managedDir: directory })).managed_ollama).toMatchObject({
    verdict: "ok",
    found: `${directory} has 0.33.0`,
  });
  const file = join(clinic.stateDir, "file");
  await writeFile(file, "");
  expect((await clinic.examine({ managedDir: file })).managed_ollama).toMatchObject({
    verdict: "broken",
    found: `cannot use ${file} (ENOTDIR)`,
  });
});

/** Ten times as fast for what waits long; what answers at once does. */
const impatient = {
  now: () => performance.now(),
  after: (ms: number, task: () => void) => {
    const timer = setTimeout(task, ms / 50);
    return () => clearTimeout(timer);
  },
};
