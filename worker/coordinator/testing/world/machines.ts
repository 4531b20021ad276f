import type { AgentState } from "../../../../shared/protocol/messages.ts";
import { FakeAgent, type FakeRequest } from "../fake-agent.ts";
import { MODELS, type Said, type Stats } from "./steps.ts";

const BYTES = 4e9;

const listed = (numbers: readonly number[]): { name: string; size: number }[] =>
  numbers.map((number) => ({ name: MODELS[number] ?? "m0", size: BYTES * (1 + number) }));

export function machineOf(id: string, name: string, index: number): FakeAgent {
  return new FakeAgent({
    id,
    name,
    machine: `machine-of-${id}`,
    instance: `instance-of-${id}`,
    state: {
      models: listed([0, 1, 2].filter((number) => number !== index + 1)),
      ollama_parallel: 1 + (index % 2),
    },
  });
}

/** What an agent says, as its STATE has it. */
export function stateOf(said: Said): AgentState {
  if ("loaded" in said) {
    return { loaded: listed(said.loaded).map((each) => ({ ...each, context_length: said.context })) };
  }
  return "models" in said ? { models: listed(said.models) } : said;
}

/** What a machine's Ollama has said to a request. */
interface Answer {
  text: string;
  responded: boolean;
  finished: boolean;
}

/** The Ollamas behind the agents: each answers with what no other answer has in it. */
export class Ollamas {
  readonly answers = new Map<FakeRequest, Answer>();
  /** Requests of a life of the brain that is over: it has forgotten them, and their machines do not know. */
  readonly ghosts = new Set<FakeRequest>();

  of(request: FakeRequest): Answer {
    let answer = this.answers.get(request);
    if (answer === undefined) {
      answer = { text: "", responded: false, finished: false };
      this.answers.set(request, answer);
    }
    return answer;
  }

  /** Requests that Ollama works at. */
  open(agents: readonly FakeAgent[]): FakeRequest[] {
    return agents.flatMap((each) => each.open).filter((request) => !this.of(request).finished);
  }

  say(request: FakeRequest, status = 200): void {
    const answer = this.of(request);
    if (!answer.responded) {
      answer.responded = true;
      request.respond(status);
    }
    const text = `${request.head.path}#${answer.text.length};`;
    answer.text += text;
    request.write(text);
  }

  finish(request: FakeRequest, status?: number, stats?: Stats): void {
    this.say(request, status);
    this.of(request).finished = true;
    request.finish(stats);
  }

  /** Before or after its answer has begun. */
  fail(request: FakeRequest, cut: boolean): void {
    const answer = this.of(request);
    answer.finished = true;
    if (cut || answer.responded) request.cut("ollama_cut");
    else request.reset("ollama_unreachable");
  }
}
