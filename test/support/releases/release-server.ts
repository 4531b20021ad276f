import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { httpServer } from "../../../agent/testing/http-server.ts";
import { Journal } from "../../../agent/testing/journal.ts";
import { sha256 } from "./archive.ts";
import { type ReleaseFaults, take } from "./faults.ts";
import { makeRelease, type StandInRelease } from "./releases.ts";
import { sendAsset } from "./send-asset.ts";

export interface ReleaseRequest {
  /** `storage` is the other host that archives may be redirected to. */
  at: "origin" | "storage";
  path: string;
  headers: IncomingHttpHeaders;
  status: number;
  /** The first byte of the archive that was sent. */
  from: number;
}

export interface ReleaseServer {
  /** For OLLAMA_RELEASES_URL. */
  readonly url: string;
  /** Host and port of the origin. */
  readonly host: string;
  readonly storageHost: string;
  /** May be changed at any time. */
  faults: ReleaseFaults;
  /** Newest last: that is `latest`. */
  readonly releases: StandInRelease[];
  readonly journal: Journal<ReleaseRequest>;
  /** Requests for archives, in order. */
  downloads(): ReleaseRequest[];
  close(): Promise<void>;
}

export interface ReleaseServerOptions {
  faults?: ReleaseFaults;
  /** One of version 0.32.1 when left out. */
  releases?: StandInRelease[];
  /** `user:password` that the origin wants to see. */
  credentials?: string;
}

type Reply = { status: number; body?: string; headers?: Record<string, string> } | { asset: Buffer };

/** Stands in for api.github.com and github.com, with the storage host that the latter redirects to, and their faults. */
export async function startReleaseServer(options: ReleaseServerOptions = {}): Promise<ReleaseServer> {
  const journal = new Journal<ReleaseRequest>();
  const releases = options.releases ?? [await makeRelease("0.32.1")];
  const wanted =
    options.credentials === undefined
      ? undefined
      : `Basic ${Buffer.from(options.credentials).toString("base64")}`;

  const replyTo = (at: ReleaseRequest["at"], { url = "", headers }: IncomingMessage): Reply => {
    if (at === "origin" && wanted !== undefined && headers.authorization !== wanted) return { status: 401 };
    const { faults } = server;
    const path = url.split("?")[0] ?? "";
    const tag = /^\/releases\/(?:latest|tags\/v(.+))$/.exec(path);
    if (tag !== null) {
      if (take(faults.lookupStatus)) return { status: faults.lookupStatus?.code ?? 500 };
      const stable = releases.filter((one) => one.prerelease !== true);
      const release = tag[1] === undefined ? stable.at(-1) : releases.find((one) => one.version === tag[1]);
      if (release === undefined) return { status: 404, body: '{"message":"Not Found"}' };
      const body = JSON.stringify(apiAnswer(release, server));
      const etag = `W/"${sha256(Buffer.from(body)).slice(0, 16)}"`;
      if (headers["if-none-match"] === etag) return { status: 304, headers: { etag } };
      return { status: 200, body, headers: { "content-type": "application/json; charset=utf-8", etag } };
    }
    const [, version, name = ""] = /^\/(?:download|stored)\/v([^/]+)\/([^/]+)$/.exec(path) ?? [];
    const release = releases.find((one) => one.version === version);
    if (release !== undefined && name === "sha256sum.txt") return { status: 200, body: sumsOf(release) };
    const asset = release?.assets[name];
    if (asset === undefined) return { status: 404, body: "Not Found" };
    if (take(faults.status)) return { status: faults.status?.code ?? 500 };
    if (faults.redirect === "loop") return { status: 302, headers: { location: `${path}?again` } };
    if (faults.redirect === "other" && at === "origin") {
      return {
        status: 302,
        headers: { location: `${storage.url}/stored/v${version}/${name}?signature=secret` },
      };
    }
    return { asset };
  };
  const answer =
    (at: ReleaseRequest["at"]) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      const entry: ReleaseRequest = {
        at,
        path: request.url ?? "",
        headers: request.headers,
        status: 0,
        from: 0,
      };
      journal.push(entry);
      const reply = replyTo(at, request);
      if ("asset" in reply) {
        sendAsset(request, response, reply.asset, server.faults, (status, from) => {
          entry.status = status;
          entry.from = from;
        });
        return;
      }
      entry.status = reply.status;
      response.writeHead(reply.status, reply.headers).end(reply.body);
    };

  const origin = await httpServer(answer("origin"));
  const storage = await httpServer(answer("storage"));
  const server: ReleaseServer = {
    url: `${origin.url}/releases`,
    host: new URL(origin.url).host,
    storageHost: new URL(storage.url).host,
    faults: options.faults ?? {},
    releases,
    journal,
    downloads: () => journal.entries.filter((entry) => /\/ollama-/.test(entry.path)),
    close: async () => {
      await origin.close();
      await storage.close();
    },
  };
  return server;
}

function apiAnswer(release: StandInRelease, { url, faults }: ReleaseServer): unknown {
  const base = `${new URL(url).origin}/download/v${release.version}`;
  const asset = (name: string, bytes: Buffer) => ({
    id: 1,
    name,
    size: bytes.length,
    content_type: "application/octet-stream",
    state: "uploaded",
    browser_download_url: `${base}/${name}`,
    digest: faults.noChecksum === undefined && name !== "sha256sum.txt" ? `sha256:${sha256(bytes)}` : null,
  });
  const sums = faults.noChecksum === "all" ? [] : [asset("sha256sum.txt", Buffer.from(sumsOf(release)))];
  return {
    tag_name: `v${release.version}`,
    name: `v${release.version}`,
    draft: false,
    prerelease: release.prerelease ?? false,
    published_at: "2026-11-01T00:00:00Z",
    html_url: `${base}`,
    assets: [...Object.entries(release.assets).map(([name, bytes]) => asset(name, bytes)), ...sums],
  };
}

function sumsOf({ assets }: StandInRelease): string {
  return Object.entries(assets)
    .map(([name, bytes]) => `${sha256(bytes)}  ./${name}\n`)
    .join("");
}
