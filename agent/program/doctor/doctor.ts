import { below, normalBase, tunnelUrl } from "../../core/coordinator-url.ts";
import { type ProxyRoute, proxyRoute } from "../../core/proxy.ts";
import { modelsDirs } from "../../core/telemetry/capacity.ts";
import { ask } from "./ask.ts";
import { judgeClock, type Timed } from "./clock.ts";
import { judgeCoordinator, noCoordinator } from "./coordinator.ts";
import type { DoctorDeps } from "./deps.ts";
import { examineDisk } from "./disk.ts";
import { broken, type Finding, ok, type Result, type Step, skipped } from "./finding.ts";
import { examineGpu } from "./gpu.ts";
import { type ReadIdentity, readIdentity } from "./identity.ts";
import { examineManaged } from "./managed.ts";
import { examineOllama } from "./ollama.ts";
import { examineName, examineProxy, examineTcp } from "./reach.ts";
import { examineTls } from "./tls.ts";
import { examineToken } from "./token.ts";
import { examineUpgrade } from "./upgrade.ts";

export interface DoctorOptions {
  /** What was set for this start; the stored identity's is used otherwise. */
  coordinatorUrl: { value: string; from: string } | undefined;
  stateDir: string;
  ollamaUrl: string;
  /** It is the agent's own, and the agent does not run. */
  startsWithAgent?: boolean;
  /** Where an Ollama that the agent manages is installed; undefined where it manages none. */
  managedDir: string | undefined;
  /** Where that one keeps its models; undefined: where Ollama itself would. */
  modelsDir?: string | undefined;
}

type Tell = (finding: Finding) => void;

/** Goes the whole way from this machine to its coordinator and its Ollama, and tells each step as it is found. Never rejects. */
export async function diagnose(options: DoctorOptions, deps: DoctorDeps, tell: Tell): Promise<Finding[]> {
  const findings: Finding[] = [];
  const note = (step: Step, result: Result): Result => {
    const finding = { step, ...result };
    findings.push(finding);
    tell(finding);
    return result;
  };
  const stored = await readIdentity(options.stateDir, deps.platform);
  await examineWay(options, stored, deps, note);
  note("identity", stored.result);
  note("ollama", await examineOllama(options, deps));
  note("managed_ollama", await examineManaged(options.managedDir));
  const { env, home } = deps;
  const dirs = modelsDirs({ env, home, ollamaUrl: options.ollamaUrl });
  note(
    "disk",
    await examineDisk([...(options.modelsDir === undefined ? [] : [options.modelsDir]), ...dirs], deps),
  );
  note("gpu", await examineGpu(deps));
  return findings;
}

type Note = (step: Step, result: Result) => Result;

/** Everything as far as the coordinator; after a step that is broken, those that need it are skipped. */
async function examineWay(
  options: DoctorOptions,
  stored: ReadIdentity,
  deps: DoctorDeps,
  note: Note,
): Promise<void> {
  const skip = (broken: Step, steps: readonly Step[]): void => {
    for (const step of steps) note(step, skipped(`needs the step "${broken}", which is broken`));
  };
  const source = options.coordinatorUrl ?? fromIdentity(stored);
  const settings = note("settings", judgeSource(source));
  if (source === undefined || settings.verdict === "broken") {
    return skip("settings", ["dns", "tcp", "proxy", "tls", "coordinator", "clock", "upgrade", "token"]);
  }
  const url = below(source.value, "/healthz");
  const proxy = await proxyRoute(deps.env);
  const via = proxy.proxyFor(url);
  const isBroken = (step: Step, result: Result): boolean => note(step, result).verdict === "broken";

  if (isBroken("dns", await examineName(url, via, deps))) {
    return skip("dns", ["tcp", "proxy", "tls", "coordinator", "clock", "upgrade", "token"]);
  }
  if (isBroken("tcp", await examineTcp(url, via, deps))) {
    return skip("tcp", ["proxy", "tls", "coordinator", "clock", "upgrade", "token"]);
  }
  if (isBroken("proxy", await examineProxy(url, via, proxy, deps))) {
    return skip("proxy", ["tls", "coordinator", "clock", "upgrade", "token"]);
  }
  const { dated, ...tls } = await examineTls(url, proxy, deps);
  if (isBroken("tls", tls)) {
    skip("tls", ["coordinator"]);
    // What a wrong clock does to certificates is best told beside it.
    if (dated) note("clock", await clockOnly(url, proxy, deps));
    else skip("tls", ["clock"]);
    return skip("tls", ["upgrade", "token"]);
  }
  const { result, timed } = await greet(url, proxy, deps);
  const stranger = isBroken("coordinator", result);
  if (timed === undefined) skip("coordinator", ["clock"]);
  else note("clock", judgeClock(timed));
  if (stranger) return skip("coordinator", ["upgrade", "token"]);
  note("upgrade", await examineUpgrade(tunnelUrl(source.value), proxy, deps.clock));
  if (stored.result.verdict === "broken") skip("identity", ["token"]);
  else note("token", await examineToken(stored.identity, source.value, proxy, deps));
}

interface Source {
  value: string;
  from: string;
}

function fromIdentity({ identity }: ReadIdentity): Source | undefined {
  return identity && { value: identity.coordinator_url, from: "this machine's registration" };
}

function judgeSource(source: Source | undefined): Result {
  if (source === undefined) {
    return broken(
      "no coordinator URL",
      "give one with --coordinator-url URL or COORDINATOR_URL; whoever runs the coordinator knows it",
    );
  }
  if (!/^https?:$/.test(URL.parse(source.value)?.protocol ?? "")) {
    return broken(
      `${JSON.stringify(source.value)}, from ${source.from}, is no http(s) URL`,
      "give the coordinator's URL with --coordinator-url URL or COORDINATOR_URL",
    );
  }
  return ok(`coordinator ${normalBase(source.value)}, from ${source.from}`);
}

async function greet(
  url: URL,
  proxy: ProxyRoute,
  deps: DoctorDeps,
): Promise<{ result: Result; timed: Timed | undefined }> {
  const asked = deps.wallClock();
  try {
    const answer = await ask({ url, proxy, clock: deps.clock });
    const timed = { date: answer.headers.date, asked, answered: deps.wallClock() };
    return { result: judgeCoordinator(answer, url), timed };
  } catch (error) {
    return { result: noCoordinator(error, url, proxy.proxyFor(url)), timed: undefined };
  }
}

/** The time of a server whose certificate is dated wrongly: nothing is told to it, and nothing else of it is believed. */
async function clockOnly(url: URL, proxy: ProxyRoute, deps: DoctorDeps): Promise<Result> {
  const asked = deps.wallClock();
  try {
    const { headers } = await ask({ url, proxy, clock: deps.clock, unverified: true });
    return judgeClock({ date: headers.date, asked, answered: deps.wallClock() });
  } catch {
    return skipped("the coordinator does not say what time it is");
  }
}
