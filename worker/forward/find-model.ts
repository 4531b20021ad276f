import { Decompress } from "fzstd";
import { formBoundary } from "../../shared/lib/form-boundary.ts";
import { TopLevelScan } from "../../shared/lib/model-scan.ts";
import { ZstdFrame } from "../../shared/lib/zstd-frame.ts";
import { multipartField } from "./multipart-field.ts";
import type { ReplayBody } from "./replay-body.ts";

export type FoundModel =
  /** `at`: where the name stands in the (unpacked) body, as a JSON string with its quotes or as the form field's text. */
  | { kind: "found"; model: string; at: [number, number][] }
  /** The body has ended (or is not what it says) without a model. */
  | { kind: "none"; message: string }
  /** It could not be kept until the model came. */
  | { kind: "overloaded" };

/** What Ollama unpacks of a zstd body at most (server/cloud_proxy.go). */
const MAX_UNPACKED = 20 * 1024 * 1024;

/** A body that repeats its model's name more often than this is nobody's honest client; each place costs room in a header. */
const MAX_PLACES = 8;

/** Longest name, characters, as the filters of the history take it; who sends one has no model in mind, and it is written down. */
const MAX_NAME = 600;

const NONE: FoundModel = { kind: "none", message: "model is required" };

/** Looks at a body as its pieces come in, and says when it knows the model. */
interface Finder {
  push(chunk: Uint8Array): void;
  /** Undefined: read on. */
  found(ended: boolean): FoundModel | undefined;
}

/**
 * Reads a body only until the model's name has come; the rest stays with the client.
 * @param keys keys whose value may be the name, best first; what Ollama's route accepts
 */
export async function findModel(
  body: ReplayBody,
  format: { contentType: string; contentEncoding: string; in: "json" | "multipart"; keys: readonly string[] },
): Promise<FoundModel> {
  const finder =
    format.in === "multipart"
      ? multipartFinder(format.contentType, body)
      : jsonFinder(format.keys, format.contentEncoding);
  if (finder === undefined) return { kind: "none", message: "the body is not multipart/form-data" };
  for (;;) {
    const chunk = await body.readAhead();
    if (chunk === undefined) return { kind: "overloaded" };
    if (chunk !== null) finder.push(chunk);
    const found = finder.found(chunk === null);
    if (found?.kind === "found" && found.model.length > MAX_NAME) {
      return { kind: "none", message: `the model's name may have at most ${MAX_NAME} characters` };
    }
    if (found !== undefined) return found;
  }
}

function jsonFinder(keys: readonly string[], contentEncoding: string): Finder {
  const scan = new TopLevelScan(keys);
  const packed = contentEncoding.trim().toLowerCase() === "zstd";
  let unpacked = 0;
  let broken: string | undefined;
  const frame = new ZstdFrame();
  const zstd = packed
    ? new Decompress((chunk) => {
        unpacked += chunk.length;
        // From in here, or the rest of a small body would still be unpacked to gigabytes.
        if (unpacked > MAX_UNPACKED) throw new Error("too large");
        scan.push(chunk);
      })
    : undefined;
  return {
    push: (chunk) => {
      if (zstd === undefined) {
        scan.push(chunk);
        return;
      }
      broken ??= frame.push(chunk);
      if (broken !== undefined) return;
      try {
        zstd.push(chunk);
      } catch {
        broken =
          unpacked > MAX_UNPACKED
            ? `the unpacked body is larger than ${MAX_UNPACKED} bytes`
            : "the body is not valid zstd";
      }
    },
    found: (ended) => {
      if (scan.conflict) return { kind: "none", message: "the body names two different models" };
      const [first = "model", ...others] = keys;
      const model = foundAt(scan, first);
      if (model !== undefined) return model;
      if (broken !== undefined) return { kind: "none", message: broken };
      if (!ended && !scan.done) return undefined;
      for (const key of others) {
        const other = foundAt(scan, key);
        if (other !== undefined) return other;
      }
      return scan.started ? NONE : { kind: "none", message: "the body is not a JSON object" };
    },
  };
}

function foundAt(scan: TopLevelScan, key: string): FoundModel | undefined {
  const model = scan.found.get(key)?.trim() ?? "";
  if (model === "") return undefined;
  const at = scan.at.get(key) ?? [];
  return at.length > MAX_PLACES
    ? { kind: "none", message: `the body names its model more than ${MAX_PLACES} times` }
    : { kind: "found", model, at };
}

function multipartFinder(contentType: string, body: ReplayBody): Finder | undefined {
  const name = formBoundary(contentType);
  if (name === undefined) return undefined;
  let bytes = 0;
  let looked = 0;
  return {
    push: (chunk) => {
      bytes += chunk.length;
    },
    found: (ended) => {
      // Looking anew at every piece of a large file would be quadratic; at each doubling it is not.
      if (!ended && bytes < looked * 2) return undefined;
      looked = bytes;
      const field = multipartField(body.kept, name, "model");
      if (field?.kind === "odd") return { kind: "none", message: field.message };
      const model = field?.text.trim();
      if (field !== undefined && model !== undefined && model !== "") {
        return { kind: "found", model, at: [field.at] };
      }
      // An empty one is the one that counts: Go takes the first.
      return ended || model === "" ? NONE : undefined;
    },
  };
}
