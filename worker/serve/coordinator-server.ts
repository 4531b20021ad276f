import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createApp } from "../app.ts";
import { Coordinator } from "../coordinator/coordinator.ts";
import type { Log } from "../coordinator/deps.ts";
import { SqlHistory } from "../db/history.ts";
import { SqlStore } from "../db/store.ts";
import { lockedSettings } from "../edge/locked-settings.ts";
import type { AccessConfig } from "../host.ts";
import { createHttpServer } from "./http-server.ts";
import { nodeDeps, sha256 } from "./node-deps.ts";
import { NodeHost } from "./node-host.ts";
import { lockDataDir } from "./sqlite/data-dir-lock.ts";
import { openHistory, openState } from "./sqlite/databases.ts";

/** Streams that run get this long when the program stops, ms. */
const GRACE_MS = 10_000;
/** Old history goes this often, ms. */
const PRUNE_MS = 3_600_000;
/** And once so long after the start, ms, when agents have come back and clients were answered. */
const FIRST_PRUNE_MS = 60_000;

export interface ServerOptions {
  port: number;
  host: string;
  dataDir: string;
  adminToken: string;
  clientAuth: "required" | "off";
  /** Host names under which clients may come without a key. */
  hosts: readonly string[];
  /** Under which browsers reach this coordinator, where that was said. */
  publicUrl?: string | undefined;
  /** Cloudflare Access, where it is used. */
  access?: AccessConfig | undefined;
  corsOrigins: string | undefined;
  demo: boolean;
  log: Log;
}

export interface CoordinatorServer {
  readonly port: number;
  readonly coordinator: Coordinator;
  /** No new work; running streams get their grace; then everything is written down and closed. */
  stop(graceMs?: number): Promise<void>;
}

/** The brain, its databases and its HTTP server in this process. @throws the listen error, for example EADDRINUSE */
export async function startCoordinatorServer(options: ServerOptions): Promise<CoordinatorServer> {
  const unlock = lockDataDir(options.dataDir);
  const state = openState(join(options.dataDir, "state.db"));
  const history = openHistory(join(options.dataDir, "history.db"));
  const longMemory = new SqlHistory(history);
  const coordinator = new Coordinator(
    nodeDeps({
      store: new SqlStore(state.storage, (message) => options.log.warn(message)),
      history: longMemory,
      log: options.log,
    }),
    lockedSettings(options.corsOrigins),
  );
  const host = new NodeHost({
    coordinator,
    history: longMemory,
    publicUrl: options.publicUrl,
    config: {
      adminTokenHash: sha256(options.adminToken),
      clientAuth: options.clientAuth,
      hosts: options.hosts,
      access: options.access,
      demo: options.demo,
    },
  });
  const server = createHttpServer(createApp(() => host));
  server.listen(options.port, options.host);
  await once(server, "listening");
  const prune = setInterval(() => void coordinator.prune(), PRUNE_MS);
  prune.unref();
  // A program that is started anew each day would never come to the hour.
  const firstPrune = setTimeout(() => void coordinator.prune(), FIRST_PRUNE_MS);
  firstPrune.unref();

  return {
    port: (server.address() as AddressInfo).port,
    coordinator,
    stop: async (graceMs = GRACE_MS) => {
      clearInterval(prune);
      clearTimeout(firstPrune);
      host.stop();
      server.close();
      // A busy client's kept connections outlive the close, and would bring one request after the other.
      server.prependListener("request", (_incoming, outgoing) => {
        outgoing.shouldKeepAlive = false;
      });
      server.closeIdleConnections();
      const deadline = Date.now() + graceMs;
      while (coordinator.load().running > 0 && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      host.close();
      server.closeAllConnections();
      await coordinator.settle();
      state.close();
      history.close();
      unlock();
    },
  };
}
