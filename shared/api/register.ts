import { z } from "zod";
import { gpu } from "../protocol/messages.ts";

/** `POST /api/agents/register`: how a machine becomes known to the coordinator, or updates what it said. */
export const registerRequest = z.object({
  machine_name: z.string().trim().min(1).max(200),
  /** For display only; nothing dials it. */
  ip_address: z.union([z.ipv4(), z.ipv6(), z.literal("")]),
  ollama_version: z.string().max(64),
  ollama_port: z.number().int().min(0).max(65_535),
  agent_version: z.string().max(64).optional(),
  os: z.string().max(200).optional(),
  gpus: z.array(gpu).max(32).optional(),
});
export type RegisterRequest = z.infer<typeof registerRequest>;

export const registerResponse = z.object({
  agent_id: z.uuid(),
  /** `registered`: a new agent, with its token, shown once. `updated`: the token that was sent stays. */
  status: z.enum(["registered", "updated"]),
  agent_token: z.string().optional(),
});
export type RegisterResponse = z.infer<typeof registerResponse>;

/** `POST /api/health`: the HTTP form of the heartbeat. */
export const healthRequest = z.object({
  agent_id: z.uuid(),
  cpu_usage: z.number().min(0).max(100),
  memory_usage: z.number().min(0).max(100),
  active_requests: z.number().int().nonnegative(),
  ollama_version: z.string().max(64).optional(),
});
export type HealthRequest = z.infer<typeof healthRequest>;

/** Every error of the management API and of registration. */
export const apiError = z.object({
  error: z.string(),
  code: z.string(),
  fields: z.record(z.string(), z.string()).optional(),
});
export type ApiError = z.infer<typeof apiError>;
