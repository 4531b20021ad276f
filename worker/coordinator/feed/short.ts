import { FEED, type FeedPull } from "../../../shared/api/feed.ts";
import type { PairingView } from "../../../shared/api/pairing.ts";
import type { RequestView } from "../../../shared/api/requests.ts";
import { bytesOf } from "./changes.ts";
import { Room } from "./room.ts";

/*
 * What strangers write has no length that an honest one has: shown whole, one of them would take the place of all the others in
 * a diff. The management API has all of it.
 */

/** A request that takes more bytes is told without its tries. */
const REQUEST_BYTES = 4_000;
/** Twenty machines may wait (`MOST_WAITING`), and anybody may ask: each has its place, bytes. */
export const PAIRING_BYTES = 800;
/** Characters of what Ollama says of a pull. */
const STATUS_CHARS = 100;
/** Bytes of a model's name, as JSON. */
const MODEL_BYTES = 600;

/** As much of the beginning as takes `bytes` in JSON. */
export function cut(text: string, bytes: number): string {
  let end = Math.min(text.length, bytes);
  while (end > 0 && bytesOf(JSON.stringify(text.slice(0, end))) - 2 > bytes) end = Math.floor(end * 0.9);
  return end === text.length ? text : text.slice(0, end).toWellFormed();
}

export function shortModel(model: string | null): string | null {
  return model === null ? null : cut(model, MODEL_BYTES);
}

export function shortRequest(request: RequestView): RequestView {
  if (new Room(REQUEST_BYTES).take(JSON.stringify(request))) return request;
  return { ...request, model: shortModel(request.model), tries: [] };
}

export function shortPairing(pairing: PairingView): PairingView {
  if (new Room(PAIRING_BYTES).take(JSON.stringify(pairing))) return pairing;
  const { machine_name, os, agent_version, ollama_version } = pairing;
  return {
    ...pairing,
    machine_name: cut(machine_name, 150),
    os: os === null ? null : cut(os, 100),
    agent_version: agent_version === null ? null : cut(agent_version, 40),
    ollama_version: ollama_version === null ? null : cut(ollama_version, 40),
    gpus: [],
  };
}

export function shortPull(pull: FeedPull): FeedPull {
  return {
    ...pull,
    model: pull.model.slice(0, FEED.name_chars),
    status: pull.status.slice(0, STATUS_CHARS),
  };
}
