import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { brotliCompress, brotliDecompressSync, constants, gzip } from "node:zlib";

/** A file of the web app: as it is, or as brotli made it when it was embedded. */
export type DashboardFile = { raw: Uint8Array } | { brotli: Uint8Array };

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  woff2: "font/woff2",
  json: "application/json",
};

type Encoding = "br" | "gzip" | "identity";

interface Kept {
  type: string;
  etag: string;
  compressible: boolean;
  raw: () => Uint8Array;
  bodies: Map<Encoding, Promise<Uint8Array>>;
}

/** The web app's files in memory, compressed once each as they are first asked for. */
export class DashboardFiles {
  readonly #files: ReadonlyMap<string, Kept>;

  constructor(files: ReadonlyMap<string, DashboardFile>) {
    this.#files = new Map([...files].map(([path, file]) => [path, kept(path, file)]));
  }

  /** @param path below `/dashboard/` */
  async answer(path: string, asked: Headers): Promise<Response | undefined> {
    const file = this.#files.get(path);
    if (file === undefined) return undefined;
    const headers = new Headers({
      "content-type": file.type,
      "x-content-type-options": "nosniff",
      // The same bytes under another encoding are another answer, and its tag is another.
      etag: file.etag,
      vary: "accept-encoding",
      "cache-control": path.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache",
    });
    const known = (asked.get("if-none-match") ?? "").split(",").map((tag) => tag.trim());
    if (known.includes(file.etag)) return new Response(null, { status: 304, headers });
    const encoding = file.compressible ? chosen(asked.get("accept-encoding") ?? "") : "identity";
    let body = file.bodies.get(encoding);
    if (body === undefined) {
      body = encoded(file.raw(), encoding);
      file.bodies.set(encoding, body);
    }
    const bytes = await body;
    if (encoding !== "identity") headers.set("content-encoding", encoding);
    headers.set("content-length", String(bytes.byteLength));
    return new Response(bytes as Uint8Array<ArrayBuffer>, { headers });
  }
}

function kept(path: string, file: DashboardFile): Kept {
  const ending = path.slice(path.lastIndexOf(".") + 1);
  const source = "raw" in file ? file.raw : file.brotli;
  const bodies = new Map<Encoding, Promise<Uint8Array>>();
  if ("brotli" in file) bodies.set("br", Promise.resolve(file.brotli));
  return {
    type: TYPES[ending] ?? "application/octet-stream",
    // Weak: one tag for all the encodings of the same bytes.
    etag: `W/"${createHash("sha256").update(source).digest("base64url").slice(0, 22)}"`,
    compressible: /^(html|js|css|svg|json)$/.test(ending),
    raw: () => ("raw" in file ? file.raw : brotliDecompressSync(file.brotli)),
    bodies,
  };
}

function chosen(accepted: string): Encoding {
  const offers = new Set(
    accepted
      .toLowerCase()
      .split(",")
      .map((offer) => offer.trim())
      .filter((offer) => !/;\s*q=0(\.0*)?$/.test(offer))
      .map((offer) => offer.replace(/;.*$/, "").trim()),
  );
  return offers.has("br") ? "br" : offers.has("gzip") ? "gzip" : "identity";
}

const brotli = promisify(brotliCompress);
const gzipped = promisify<Uint8Array, Uint8Array>(gzip);

async function encoded(raw: Uint8Array, encoding: Encoding): Promise<Uint8Array> {
  if (encoding === "identity") return raw;
  if (encoding === "gzip") return gzipped(raw);
  return brotli(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
}
