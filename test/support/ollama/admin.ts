import { createHash } from "node:crypto";
import { Refusal } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { NDJSON } from "./format.ts";
import type { Handler } from "./inference.ts";
import { type Json, positive, record, text } from "./json.ts";
import type { Machine } from "./machine.ts";
import { isValidName } from "./names.ts";

/** Steps of a download; Ollama reports one every 60 ms. */
const STEPS = 5;
const LAYER = 2_523_232;

function nameOf(exchange: Exchange): string {
  const name = text(exchange.body.model) || text(exchange.body.name);
  if (!isValidName(name)) throw new Refusal(400, "invalid model name");
  return name;
}

/**
 * Progress as lines; the last one says whether it worked. A failure after the first line cannot
 * change the status any more. Not streamed, only the last line counts and a failure is a 500.
 */
async function progress(machine: Machine, exchange: Exchange, lines: Iterable<Json>): Promise<void> {
  const stream = exchange.body.stream !== false;
  const steering = record(record(exchange.body.options).stand_in ?? exchange.body.stand_in);
  const delayMs = positive(steering.token_delay_ms) ?? machine.options.tokenDelayMs;
  const start = performance.now();
  let k = 0;
  let last: Json = {};
  if (stream) exchange.head(200, NDJSON);
  for (const line of lines) {
    if (delayMs > 0 && k > 0) await machine.ticker.until(start + k * delayMs);
    if (machine.hung) await machine.hung;
    if (exchange.gone) return;
    k++;
    last = line;
    if (stream) await exchange.write(`${JSON.stringify(line)}\n`);
    if (line.error !== undefined) break;
  }
  if (stream) exchange.end();
  else if (typeof last.error === "string") exchange.fail(500, last.error);
  else exchange.json(last);
}

function* transfer(verb: string, name: string): Iterable<Json> {
  const hex = createHash("sha256").update(`layer of ${name}`).digest("hex");
  const layer = { status: `${verb} ${hex.slice(0, 12)}`, digest: `sha256:${hex}`, total: LAYER };
  // `completed` is left out while it is 0.
  yield layer;
  for (let k = 1; k <= STEPS; k++) yield { ...layer, completed: Math.floor((LAYER * k) / STEPS) };
}

function* pulled(machine: Machine, name: string): Iterable<Json> {
  yield { status: "pulling manifest" };
  if (/missing/i.test(name)) {
    yield { error: "pull model manifest: file does not exist" };
    return;
  }
  yield* transfer("pulling", name);
  yield { status: "verifying sha256 digest" };
  yield { status: "writing manifest" };
  machine.add({ name, modified_at: new Date().toISOString() });
  yield { status: "success" };
}

export const pull: Handler = (machine, exchange) => {
  const name = nameOf(exchange);
  return progress(machine, exchange, pulled(machine, name));
};

function* pushed(name: string): Iterable<Json> {
  yield { status: "retrieving manifest" };
  yield* transfer("pushing", name);
  yield { status: "pushing manifest" };
  yield { status: "success" };
}

export const push: Handler = (machine, exchange) => {
  const name = nameOf(exchange);
  if (!machine.find(name)) throw new Refusal(404, `model '${name}' not found`);
  return progress(machine, exchange, pushed(name));
};

function* created(machine: Machine, name: string, from: string, digests: string[]): Iterable<Json> {
  const base = from === "" ? undefined : machine.find(from);
  if (from !== "" && !base) {
    yield { status: "pulling manifest" };
    yield { error: "pull model manifest: file does not exist" };
    return;
  }
  for (const digest of digests) {
    if (!machine.blobs.has(digest)) {
      yield { error: `blob ${JSON.stringify(digest)} not found` };
      return;
    }
    yield { status: "parsing GGUF" };
  }
  if (base) yield { status: `using existing layer sha256:${base.digest}` };
  for (const digest of digests) yield { status: `creating new layer ${digest}` };
  yield { status: "writing manifest" };
  const like = base && { size: base.size, family: base.family, capabilities: base.capabilities };
  machine.add({ ...like, name, modified_at: new Date().toISOString() });
  yield { status: "success" };
}

export const create: Handler = (machine, exchange) => {
  const { body } = exchange;
  const name = nameOf(exchange);
  const files = { ...record(body.files), ...record(body.adapters), ...record(body.draft_files) };
  const digests = Object.values(files).filter((digest) => typeof digest === "string");
  const from = text(body.from);
  if (from === "" && digests.length === 0) {
    throw new Refusal(400, "neither 'from' or 'files' was specified");
  }
  return progress(machine, exchange, created(machine, name, from, digests));
};

export const copy: Handler = (machine, exchange) => {
  const source = text(exchange.body.source);
  const destination = text(exchange.body.destination);
  for (const [field, name] of Object.entries({ source, destination })) {
    if (!isValidName(name)) throw new Refusal(400, `${field} ${JSON.stringify(name)} is invalid`);
  }
  const model = machine.find(source);
  if (!model) throw new Refusal(404, `model ${JSON.stringify(source)} not found`);
  const { size, family, capabilities, digest } = model;
  machine.add({
    name: destination,
    size,
    family,
    capabilities,
    digest,
    modified_at: new Date().toISOString(),
  });
  exchange.empty(200);
};

export const remove: Handler = (machine, exchange) => {
  const name = nameOf(exchange);
  if (!machine.remove(name)) throw new Refusal(404, `model '${name}' not found`);
  exchange.empty(200);
};
