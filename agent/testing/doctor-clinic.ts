import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { systemClock } from "../core/clock.ts";
import { IdentityFile } from "../core/identity/identity-file.ts";
import type { DoctorDeps } from "../program/doctor/deps.ts";
import { type DoctorOptions, diagnose } from "../program/doctor/doctor.ts";
import type { Finding, Step } from "../program/doctor/finding.ts";
import { httpServer, type TestServer } from "./http-server.ts";

export const TOKEN = "oca_a-token-that-must-not-be-shown";

/** A machine on which all is well, with a coordinator and an Ollama; a test makes one thing ill. */
export class Clinic {
  readonly asked: string[] = [];
  readonly stateDir: string;
  readonly ollama: TestServer;
  /** Of the coordinator's answers; undefined: the true one. */
  date: string | undefined;
  healthz = { status: 200, body: '{"status":"ok"}' };
  knowsToken = true;
  /** What an upgrade is answered with. */
  upgrade = UNAUTHORIZED;
  #server: Server | undefined;
  #port = 0;
  #protocol = "http";
  readonly #root: string;

  private constructor(root: string, ollama: TestServer) {
    this.#root = root;
    this.stateDir = join(root, "state");
    this.ollama = ollama;
  }

  /** `tls`: the coordinator's certificate. */
  static async open(tls?: { key: string; cert: string }): Promise<Clinic> {
    const ollama = await httpServer((request, response) => response.end(OLLAMA[request.url ?? ""] ?? "{}"));
    const clinic = new Clinic(await mkdtemp(join(tmpdir(), "doctor-")), ollama);
    await mkdir(clinic.stateDir);
    await clinic.#listen(tls);
    await new IdentityFile(clinic.stateDir).write({
      coordinator_url: clinic.url,
      agent_id: "a-1",
      agent_token: TOKEN,
      name: "desk",
    });
    return clinic;
  }

  get url(): string {
    return `${this.#protocol}://localhost:${this.#port}`;
  }

  async #listen(tls: { key: string; cert: string } | undefined): Promise<void> {
    const answer: RequestListener = async (request, response) => {
      const { method, url } = request;
      this.asked.push(
        `${method} ${url}${request.headers.authorization === undefined ? "" : " with a token"}`,
      );
      if (this.date !== undefined) response.sendDate = false;
      if (this.date !== undefined) response.setHeader("date", this.date);
      if (url === "/healthz") {
        response
          .writeHead(this.healthz.status, { "content-type": "application/json" })
          .end(this.healthz.body);
        return;
      }
      const body: unknown = JSON.parse((await text(request)) || "null");
      const mine = typeof body === "object" && body !== null && "agent_id" in body && body.agent_id === "a-1";
      const [status, code] = !this.knowsToken ? [401, "unauthorized"] : mine ? [200, ""] : [403, "forbidden"];
      response.writeHead(status, { "x-coordinator-error": code }).end(`{"error":"no","code":"${code}"}`);
    };
    const server: Server = tls === undefined ? createServer(answer) : createSecureServer(tls, answer);
    this.#protocol = tls === undefined ? "http" : "https";
    server.on("upgrade", (request, socket) => {
      this.asked.push(
        `UPGRADE ${request.url}${request.headers.authorization === undefined ? "" : " with a token"}`,
      );
      socket.on("error", () => {});
      socket.end(this.upgrade);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    this.#port = address.port;
    this.#server = server;
  }

  async examine(
    options: Partial<DoctorOptions> = {},
    deps: Partial<DoctorDeps> = {},
  ): Promise<Record<Step, Finding>> {
    const told: Finding[] = [];
    const findings = await diagnose(
      {
        coordinatorUrl: { value: this.url, from: "a test" },
        stateDir: this.stateDir,
        ollamaUrl: this.ollama.url,
        managedDir: undefined,
        ...options,
      },
      {
        clock: systemClock,
        wallClock: Date.now,
        env: {},
        home: this.#root,
        platform: process.platform,
        lookup: async () => ["127.0.0.1"],
        diskFree: async () => 100 * 1024 ** 3,
        probeWrite: async () => {},
        readGpus: async () => [{ name: "Test GPU", memory_total_mb: 8_192 }],
        ...deps,
      },
      (finding) => told.push(finding),
    );
    if (JSON.stringify(told) !== JSON.stringify(findings)) throw new Error("not all that was found was told");
    return Object.fromEntries(findings.map((finding) => [finding.step, finding])) as Record<Step, Finding>;
  }

  async writeIdentity(json: string): Promise<void> {
    await writeFile(join(this.stateDir, "identity.json"), json);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server?.close(() => resolve());
      this.#server?.closeAllConnections();
    });
    await this.ollama.close();
    await rm(this.#root, { recursive: true, force: true });
  }
}

export const UNAUTHORIZED =
  "HTTP/1.1 401 Unauthorized\r\nx-coordinator-error: unauthorized\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";

const OLLAMA: Readonly<Record<string, string>> = {
  "/api/version": '{"version":"0.33.0"}',
  "/api/tags": '{"models":[{"name":"tiny:latest","size":1}]}',
};
