import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { Dialect } from "../../../shared/api/ollama-routes.ts";
import type { Capability, DemoModel } from "./catalog.ts";
import type { Exchange } from "./exchange.ts";
import type { Machine } from "./machine.ts";

/** A request that Ollama would answer with an error, in its words. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** @throws Refusal */
export async function readBody<T>(exchange: Exchange, schema: z.ZodType<T>): Promise<T> {
  const text = await exchange.body();
  if (text === "") throw new Refusal(400, "missing request body");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Refusal(400, error instanceof Error ? error.message : String(error));
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Refusal(400, parsed.error.issues.map((issue) => issue.message).join("; "));
}

/** The model that a request names. @throws Refusal */
export function modelFor(machine: Machine, name: string, capability: Capability, verb: string): DemoModel {
  const model = machine.find(name);
  if (model === undefined) throw new Refusal(404, `model '${name}' not found`);
  if (!model.capabilities.includes(capability)) throw new Refusal(400, `"${name}" does not support ${verb}`);
  return model;
}

export function refusalBody(dialect: Dialect, refusal: Refusal): unknown {
  const message = refusal.message;
  if (dialect === "native") return { error: message };
  const type =
    refusal.status === 404 ? "not_found_error" : refusal.status < 500 ? "invalid_request_error" : "api_error";
  return dialect === "openai"
    ? { error: { message, type, param: null, code: null } }
    : { type: "error", error: { type, message }, request_id: `req_${randomUUID()}` };
}
