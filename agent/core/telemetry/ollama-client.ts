import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { isStub } from "../../../shared/lib/cloud-stub.ts";
import { LIMITS } from "../../../shared/protocol/limits.ts";
import { type LoadedModel, loadedModel, type Model, model } from "../../../shared/protocol/messages.ts";
import { parseJson } from "../answer.ts";
import type { Clock } from "../clock.ts";
import { requestHeaders } from "../forwarder/headers.ts";
import type { OllamaTarget } from "../forwarder/ollama-target.ts";
import { codeOf, textOf } from "../network-error.ts";
import { withinBudget } from "./list-budget.ts";

/** A kept connection may be that of an Ollama that is gone: its reset would tell of a failure that is over. */
const FRESH = true;

const LIST_MS = 10_000;
const ANSWER_BYTES = 32 * 1024 * 1024;

/** Ollama did not answer as Ollama does; `silent`: it took the connection and said nothing in time. */
export class OllamaError extends Error {
  override readonly name = "OllamaError";
  readonly silent: boolean;

  constructor(message: string, silent: boolean) {
    super(message);
    this.silent = silent;
  }
}

const version = z.object({ version: z.string().max(64) });
const list = z.object({ models: z.array(z.unknown()).nullish() });

/** What this agent asks its Ollama on its own account: only questions that change nothing. */
export class OllamaClient {
  readonly #target: OllamaTarget;
  readonly #clock: Clock;

  constructor(target: OllamaTarget, clock: Clock) {
    this.#target = target;
    this.#clock = clock;
  }

  /** @throws OllamaError */
  async version(withinMs: number): Promise<string> {
    return this.#parsed("/api/version", version, await this.#get("/api/version", withinMs)).version;
  }

  /** Installed models as Ollama lists them. @throws OllamaError */
  async models(): Promise<Model[]> {
    const all = await this.#list("/api/tags", model);
    // Those of ollama.com first: of one that is cut off nobody would know that it is not the machine's own.
    const listed = [...all.filter(isStub), ...all.filter((each) => !isStub(each))].slice(0, LIMITS.models);
    return withinBudget(listed, LIMITS.control_bytes / 2, ["details", "capabilities"]);
  }

  /** Models in memory. @throws OllamaError */
  async loaded(): Promise<LoadedModel[]> {
    const all = await this.#list("/api/ps", loadedModel);
    return withinBudget(all.slice(0, LIMITS.models), LIMITS.control_bytes / 8, ["details"]);
  }

  /** An entry that cannot be told to the coordinator is left out, so that one odd model does not hide the others. */
  async #list<T>(path: string, entry: z.ZodType<T>): Promise<T[]> {
    const { models } = this.#parsed(path, list, await this.#get(path, LIST_MS));
    return (models ?? []).flatMap((candidate) => {
      const parsed = entry.safeParse(candidate);
      return parsed.success ? [parsed.data] : [];
    });
  }

  #parsed<T>(path: string, schema: z.ZodType<T>, text: string): T {
    const parsed = schema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    throw new OllamaError(`${this.#target.base}${path} does not answer as Ollama does`, false);
  }

  #get(path: string, withinMs: number): Promise<string> {
    const url = `${this.#target.base}${path}`;
    return new Promise((resolve, reject) => {
      const request = this.#target.request(
        "GET",
        path,
        requestHeaders(this.#target.host, "GET", [], 0),
        FRESH,
      );
      const cancel = this.#clock.after(withinMs, () => {
        request.destroy(new OllamaError(`${url} does not answer within ${withinMs / 1000} s`, true));
      });
      const fail = (error: unknown): void => {
        cancel();
        reject(
          error instanceof OllamaError
            ? error
            : new OllamaError(`cannot reach ${url} (${codeOf(error) ?? textOf(error)})`, false),
        );
      };
      request.on("error", fail);
      request.on("response", (response) => {
        collect(response).then((text) => {
          cancel();
          if (response.statusCode === 200) resolve(text);
          else reject(new OllamaError(`${url} answers HTTP ${response.statusCode}`, false));
        }, fail);
      });
      request.end();
    });
  }
}

async function collect(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length > ANSWER_BYTES) throw new OllamaError(`an answer of more than ${ANSWER_BYTES} bytes`, false);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
