import { isRecord, type Json } from "./json.ts";

const MODEL = /"model"\s*:\s*"((?:[^"\\]|\\.)*)"/;
const STREAM = /"stream"\s*:\s*(true|false)/;
const COUNT = /"(num_predict|max_tokens|max_completion_tokens|max_output_tokens)"\s*:\s*(\d+)/;
const STAND_IN = /"stand_in"\s*:\s*(\{[^{}]*\})/;
const FIELD = /name="model"[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]*)\r\n/;

/** The few fields that matter, from the two ends of a body too big to parse. */
export function scanJson(parts: string[]): Json {
  const found: Json = {};
  const model = first(parts, MODEL)?.[1];
  if (model !== undefined) found.model = parsed(`"${model}"`);
  const stream = first(parts, STREAM)?.[1];
  if (stream !== undefined) found.stream = stream === "true";
  const count = first(parts, COUNT);
  const options: Json = {};
  if (count?.[1] !== undefined) {
    found[count[1]] = Number(count[2]);
    options[count[1]] = Number(count[2]);
  }
  const steering = parsed(first(parts, STAND_IN)?.[1]);
  if (isRecord(steering)) found.stand_in = options.stand_in = steering;
  found.options = options;
  return found;
}

/** The `model` field of a multipart form. */
export function scanForm(parts: string[]): string | undefined {
  return first(parts, FIELD)?.[1];
}

function first(parts: string[], pattern: RegExp): RegExpExecArray | null {
  for (const part of parts) {
    const match = pattern.exec(part);
    if (match) return match;
  }
  return null;
}

function parsed(json: string | undefined): unknown {
  if (json === undefined) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
