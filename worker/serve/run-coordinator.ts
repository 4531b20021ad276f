import { join, resolve } from "node:path";
import { stopWishes } from "../../shared/lib/stop-wishes.ts";
import type { AccessConfig } from "../host.ts";
import { readAccess } from "../middleware/access-config.ts";
import { banner, lanAddress } from "./banner.ts";
import { type CoordinatorServer, startCoordinatorServer } from "./coordinator-server.ts";
import { startDemo } from "./demo/demo.ts";
import { adminTokenOf, completeSecrets } from "./first-run.ts";
import { codeOf, type ServeOptions } from "./invocation.ts";
import { oneJoinToken } from "./join-token.ts";
import { hasIdentity, startLocalAgent } from "./local-agent.ts";
import { brainLog, openLog } from "./log.ts";
import { startQuickTunnel } from "./quick-tunnel.ts";
import { agentProgram } from "./release.ts";
import { prepareDataDir } from "./secrets-file.ts";

/** Runs the coordinator program until it is told to stop; the exit code. */
export async function runCoordinator(options: ServeOptions): Promise<number> {
  const logger = openLog(options.logLevel);
  const log = brainLog(logger);
  const dataDir = resolve(options.dataDir);
  let server: CoordinatorServer;
  let adminToken: string;
  try {
    prepareDataDir(dataDir);
    adminToken = options.adminToken ?? adminTokenOf(dataDir);
    server = await startCoordinatorServer({
      port: options.port,
      host: options.host,
      dataDir,
      adminToken,
      clientAuth: options.clientAuth,
      hosts: options.publicUrl === undefined ? [] : [new URL(options.publicUrl).host.toLowerCase()],
      publicUrl: options.publicUrl,
      access: accessOf(options),
      corsOrigins: options.corsOrigins,
      demo: options.demo,
      log,
    });
  } catch (error) {
    process.stderr.write(`coordinator: ${startError(error, options)}\n`);
    return 1;
  }
  const children: { stop(): Promise<void> | void }[] = [];
  try {
    await startParts(options, server, { dataDir, adminToken, children, logger });
  } catch (error) {
    process.stderr.write(`coordinator: ${error instanceof Error ? error.message : String(error)}\n`);
    for (const child of children) await child.stop();
    await server.stop(0);
    return 1;
  }
  await stopWish();
  logger.info("stopping: no new work, running streams get 10 s");
  const stopped = server.stop();
  await Promise.all([stopped, ...children.map((child) => child.stop())]);
  return 0;
}

async function startParts(
  options: ServeOptions,
  server: CoordinatorServer,
  parts: {
    dataDir: string;
    adminToken: string;
    children: { stop(): Promise<void> | void }[];
    logger: ReturnType<typeof openLog>;
  },
): Promise<void> {
  const { dataDir, children, logger } = parts;
  const { secrets, first } = await completeSecrets(dataDir, server.coordinator, parts.adminToken);
  const local = `http://${options.host.includes(":") ? "[::1]" : "127.0.0.1"}:${server.port}`;
  const warnings: string[] = [];
  let url = options.publicUrl?.replace(/\/$/, "") ?? local;
  if (options.publicUrl === undefined && !isLoopback(options.host)) {
    url = `http://${options.host === "0.0.0.0" || options.host === "::" ? (lanAddress() ?? "127.0.0.1") : options.host}:${server.port}`;
    warnings.push(
      "HTTP is not encrypted: keys and prompts can be read on this network. Put HTTPS before it for more.",
    );
  }
  if (options.publicUrl === undefined && !options.tunnel && isLoopback(options.host)) {
    warnings.push("Only this machine reaches this address. For others: --host 0.0.0.0 in a trusted network.");
  }
  if (options.tunnel) {
    const tunnel = await startQuickTunnel(server.port);
    children.push(tunnel);
    url = tunnel.url;
    warnings.push(
      "A quick tunnel buffers streamed answers: tokens may come in bursts. See docs/operating.md.",
    );
  }
  process.stdout.write(
    banner({
      url,
      secrets: { ...secrets, admin_token: parts.adminToken },
      first,
      dataDir: options.dataDir,
      clientAuth: options.clientAuth,
      demo: options.demo,
      warnings,
    }),
  );
  if (options.demo)
    children.push(await startDemo({ url: local, dataDir, server, logLevel: options.logLevel }));
  else if (options.agent) await startOwnAgent(local, dataDir, server, options.logLevel, { children, logger });
}

async function startOwnAgent(
  url: string,
  dataDir: string,
  server: CoordinatorServer,
  logLevel: string,
  { children, logger }: { children: { stop(): Promise<void> | void }[]; logger: ReturnType<typeof openLog> },
): Promise<void> {
  const program = agentProgram([]);
  // A coordinator alone is of use: other machines can join it.
  if ("missing" in program) return logger.warn(`no agent for this machine: ${program.missing}`);
  const stateDir = join(dataDir, "agent");
  const agent = startLocalAgent({
    coordinatorUrl: url,
    stateDir,
    joinToken: hasIdentity(stateDir, url) ? undefined : await oneJoinToken(server),
    logLevel,
    ended: (code) =>
      logger.error({ code }, "this machine's agent ended; restart the coordinator to start it again"),
  });
  children.push(agent);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** @throws Error that names the variable that is missing or wrong */
function accessOf(options: ServeOptions): AccessConfig | undefined {
  const access = readAccess({
    ACCESS_TEAM_DOMAIN: options.accessTeamDomain,
    ACCESS_AUD: options.accessAud,
    ACCESS_ADMINS: options.accessAdmins,
    ACCESS_VIEWERS: options.accessViewers,
  });
  if (access !== undefined && "fault" in access) throw new Error(access.fault);
  return access;
}

/** One line that says what failed and what to do. */
function startError(error: unknown, options: ServeOptions): string {
  switch (codeOf(error)) {
    case "EADDRINUSE":
      return `port ${options.port} on ${options.host} is in use; stop what uses it, or choose another with --port`;
    case "EACCES":
      return `port ${options.port} on ${options.host} may not be opened by this user; choose one above 1023 with --port`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `--host ${options.host} is not an address of this machine`;
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** Not SIGHUP but on Windows, where a console that closes sends it: elsewhere a handler would undo what nohup asked for. */
const SIGNALS =
  process.platform === "win32"
    ? (["SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP"] as const)
    : (["SIGINT", "SIGTERM"] as const);

/** Resolves at the first wish to stop; a second one ends the process at once. */
function stopWish(): Promise<void> {
  return new Promise((resolveWish) => {
    const wish = stopWishes({ now: Date.now, stop: resolveWish, abort: () => process.exit(1) });
    for (const signal of SIGNALS) process.on(signal, wish);
  });
}
