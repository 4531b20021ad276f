import {
  type RegisterRequest,
  type RegisterResponse,
  registerResponse,
} from "../../../shared/api/register.ts";
import { below } from "../coordinator-url.ts";
import { type ExchangeDeps, exchange, type Failed, failed, inTheWay, notUnderstood } from "./exchange.ts";

export interface Registration {
  coordinatorUrl: string;
  joinToken: string;
  machine: RegisterRequest;
}

export type Registered = { ok: true; agent: RegisterResponse & { agent_token: string } } | Failed;

/** Makes this machine known to a coordinator with a join token. */
export async function register(registration: Registration, deps: ExchangeDeps): Promise<Registered> {
  const { coordinatorUrl, joinToken: token, machine: body } = registration;
  const url = below(coordinatorUrl, "/api/agents/register");
  const asked = await exchange({ url, method: "POST", token, body }, deps);
  if (!asked.ok) return asked;
  const { answer } = asked;
  const failure = inTheWay(url, answer, deps.proxy);
  if (failure !== undefined) return failure;
  if (answer.status === 401) {
    return failed(
      false,
      `the join token was refused (HTTP 401: ${answer.error?.text ?? "no reason given"}): create a new join token and start again with it`,
    );
  }
  const parsed = registerResponse.safeParse(answer.status === 200 ? answer.json : undefined);
  if (!parsed.success || parsed.data.agent_token === undefined) return notUnderstood(url, answer, 200);
  return { ok: true, agent: { ...parsed.data, agent_token: parsed.data.agent_token } };
}
