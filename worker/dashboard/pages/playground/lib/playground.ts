import { batch, computed, signal } from "@preact/signals";
import { type Chat, DEFAULTS, type Dialect, type Machine, type Parameters, type Prompt } from "./chat.ts";
import {
  type Answer,
  type Conversation,
  isRunning,
  messagesOf,
  newAnswer,
  stopped,
  upTo,
  withAnswer,
  withExchange,
  without,
} from "./conversation.ts";
import { type Asked, runAnswer, type Surroundings } from "./run-answer.ts";

/** Who answers in a column. */
export interface Target {
  /** Empty: not chosen yet. */
  model: string;
  agent: Machine | undefined;
}

/** What was sent last, column by column: the snippets say the same. */
export interface Sent {
  dialect: Dialect;
  chats: readonly Chat[];
}

/** The conversation and all that runs in it. It outlives a visit to another page, and ends with the session. */
export class Playground {
  readonly targets = signal<readonly Target[]>([{ model: "", agent: undefined }]);
  readonly dialect = signal<Dialect>("ollama");
  readonly parameters = signal<Parameters>(DEFAULTS);
  readonly conversation = signal<Conversation>([]);
  readonly sent = signal<Sent | undefined>(undefined);
  readonly running = computed(() =>
    this.conversation.value.some(({ answers }) => answers.some((one) => one !== undefined && isRunning(one))),
  );
  readonly #around: Surroundings;
  readonly #answering = new Set<AbortController>();
  #lastId = 0;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  setTarget(column: number, target: Target): void {
    this.targets.value = this.targets.value.map((one, at) => (at === column ? target : one));
  }

  /** One column more, with the model of the first. */
  compare(on: boolean): void {
    const [first = { model: "", agent: undefined }] = this.targets.value;
    this.targets.value = on ? [first, { ...first, agent: undefined }] : [first];
  }

  /** Asks every column. What still runs is stopped first: a conversation has one end. */
  send(prompt: Prompt): void {
    this.stop();
    const targets = this.targets.value;
    const parameters = this.parameters.value;
    const chats = targets.map((target, column): Chat => {
      const earlier = messagesOf(this.conversation.value, column);
      return { ...target, parameters, messages: [...earlier, { role: "user", ...prompt }] };
    });
    const sentAt = this.#around.now();
    const id = ++this.#lastId;
    const answers = chats.map((chat) => newAnswer(chat, sentAt));
    const dialect = this.dialect.value;
    batch(() => {
      this.conversation.value = withExchange(this.conversation.value, { id, prompt, answers });
      this.sent.value = { dialect, chats };
    });
    for (const [column, chat] of chats.entries()) void this.#run(id, column, { dialect, chat, sentAt });
  }

  async #run(id: number, column: number, asked: Asked): Promise<void> {
    const abort = new AbortController();
    this.#answering.add(abort);
    const tell = (change: (answer: Answer) => Answer): void => {
      this.conversation.value = withAnswer(this.conversation.value, id, column, change);
    };
    try {
      await runAnswer(this.#around, asked, abort.signal, tell);
    } finally {
      this.#answering.delete(abort);
    }
  }

  /** Ends what runs; what has come stays. The connections close, and with them the work on the machines. */
  stop(): void {
    for (const abort of this.#answering) abort.abort();
    const at = this.#around.now();
    if (!this.running.value) return;
    this.conversation.value = this.conversation.value.map((exchange) => ({
      ...exchange,
      answers: exchange.answers.map((answer) => answer && stopped(answer, at)),
    }));
  }

  /** The same prompt again; what came after it is forgotten. */
  regenerate(id: number): void {
    const exchange = this.conversation.value.find((one) => one.id === id);
    if (exchange !== undefined) this.edit(id, exchange.prompt);
  }

  /** Another prompt in its place; what came after it is forgotten. */
  edit(id: number, prompt: Prompt): void {
    this.stop();
    this.conversation.value = upTo(this.conversation.value, id);
    this.send(prompt);
  }

  remove(id: number): void {
    this.stop();
    this.conversation.value = without(this.conversation.value, id);
  }

  /** Brings back what was there before something was deleted; what was said since stays behind it. */
  restore(conversation: Conversation): void {
    this.stop();
    const known = new Set(conversation.map(({ id }) => id));
    const since = this.conversation.value.filter(({ id }) => !known.has(id));
    this.conversation.value = [...conversation, ...since];
  }

  /** Forgets everything that was said. */
  clear(): void {
    this.stop();
    batch(() => {
      this.conversation.value = [];
      this.sent.value = undefined;
    });
  }

  /** Another person may be next: nothing of this one stays. */
  reset(): void {
    this.clear();
    batch(() => {
      this.targets.value = [{ model: "", agent: undefined }];
      this.dialect.value = "ollama";
      this.parameters.value = DEFAULTS;
    });
  }
}
