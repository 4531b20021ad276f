import type { ChoiceReason } from "../../../../shared/api/choice-reasons.ts";
import type { ErrorCode } from "../../../../shared/api/errors.ts";

interface Explained {
  /** What it means, in a sentence. */
  what: string;
  /** What to do about it. */
  todo: string;
}

const reasons: Record<ChoiceReason, { short: string; long: string }> = {
  "only-holder": {
    short: "only one",
    long: "It was the only machine that could: it has the model, is online and takes work.",
  },
  pinned: { short: "pinned", long: "The client named this machine with the header X-Agent." },
  sticky: {
    short: "same chat",
    long: "It has this conversation in its cache, so the prompt need not be read anew.",
  },
  loaded: {
    short: "loaded",
    long: "It could begin soonest: the model was in its memory, or it loads it in the least time.",
  },
  "not-strained": { short: "unstrained", long: "The others were over 80 % of their CPU or memory." },
  "least-loaded": { short: "least busy", long: "It had the fewest requests for its slots and weight." },
  fastest: {
    short: "fastest",
    long: "Of the machines that could take it, it makes the most tokens per second with this model, as measured.",
  },
  "round-robin": {
    short: "its turn",
    long: "The machines were equally good, and its last turn was longest ago.",
  },
  "free-slot": {
    short: "free slot",
    long: "It had a free slot; the others that have the model were busy, or had failed with this request.",
  },
  weighted: { short: "by weight", long: "It was its turn by the machines' weights." },
};

const errors: Record<ErrorCode | "cancelled", Explained> = {
  unauthorized: {
    what: "The request came without a key that is valid.",
    todo: "Check that the client sends its key, and that the key is neither revoked nor expired.",
  },
  forbidden: {
    what: "The key, or the owner of the machine, does not allow this.",
    todo: "Look at the permissions and models of the key. Administration of models also needs --allow-manage on the machine.",
  },
  bad_request: {
    what: "The request was not valid, so no machine was asked.",
    todo: "Look at the message that the client got: it names what is wrong.",
  },
  no_agents: {
    what: "No machine was connected.",
    todo: "Start an agent, or look at Machines for why none is online.",
  },
  model_not_found: {
    what: "No machine has this model.",
    todo: "Pull it under Models, or correct the name in the client.",
  },
  model_offline: {
    what: "The model is only on machines that take no work now.",
    todo: "Look at Machines for the reason. A further copy of the model, or a fallback under Settings, helps next time.",
  },
  queue_full: {
    what: "The queue was full.",
    todo: "Add a machine or slots, or allow a longer queue under Settings.",
  },
  rate_limited: {
    what: "A limit of the key was reached.",
    todo: "The answer says which limit and when it frees. Raise it under Keys & usage if it is too tight.",
  },
  queue_timeout: {
    what: "It waited in the queue longer than is allowed, and no machine became free.",
    todo: "Add a machine or slots for this model, or allow a longer wait under Settings.",
  },
  overloaded: {
    what: "The coordinator itself had no room for more.",
    todo: "Let clients send less at once; it takes further requests as soon as others have ended.",
  },
  agent_lost: {
    what: "The connection to the machine was lost while it worked.",
    todo: "Look at the machine's events: was it switched off, asleep, or its network away? The client may send the request again.",
  },
  ollama_unreachable: {
    what: "The machine's agent could not reach its Ollama.",
    todo: "Start Ollama on the machine. Its page shows whether the agent has found it.",
  },
  ollama_cut: {
    what: "Ollama ended its answer in the middle.",
    todo: "Look at Ollama's log on the machine: it may have crashed or run out of memory. A smaller context or model helps.",
  },
  ollama_timeout: {
    what: "Ollama did not answer in time.",
    todo: "Loading may take too long, or Ollama hangs. Look at the machine, or allow more time under Settings.",
  },
  internal: {
    what: "Something went wrong inside the coordinator.",
    todo: "Look for this request's id in the coordinator's log, and report it with what is written there.",
  },
  not_configured: {
    what: "The coordinator is not set up for this yet.",
    todo: "The message that the client got says what to set.",
  },
  cancelled: {
    what: "The client left before the answer was complete.",
    todo: "Nothing, if that was meant. If not, look at the client's own timeout.",
  },
};

export const en = {
  view: { label: "View", live: "Live", history: "History" },
  state: { waiting: "Waiting", running: "Running", streaming: "Streaming" },
  column: {
    at: "Time",
    model: "Model",
    endpoint: "Endpoint",
    machine: "Machine",
    key: "Key",
    status: "Status",
    queue: "Queue",
    firstToken: "1st token",
    duration: "Duration",
    tokens: "Tokens",
    rate: "Tok/s",
    reason: "Reason",
  },
  tokensTitle: (prompt: string, answer: string) => `${prompt} in the prompt, ${answer} in the answer`,
  noModel: "no model",
  noMachine: "no machine",
  noKey: "no key",
  live: {
    label: "Requests, live",
    pause: "Pause",
    resume: "Resume",
    paused: (n: string) => `Paused. ${n} finished meanwhile.`,
    running: (n: string) => `${n} running or waiting`,
    more: (shown: string, all: string) => `The oldest ${shown} of ${all} that run or wait are shown.`,
    tail: "The last 100 that finished; older ones are in the history.",
    empty: "No requests right now",
    emptyText:
      "Requests appear here the moment they arrive. Send the first one from the playground, or point a client at this coordinator.",
    playground: "Open the playground",
    statusHides: "Those that run have no status yet, so the filter by status hides them.",
  },
  history: {
    label: "Finished requests",
    empty: "Nothing has finished yet",
    emptyText: "Finished requests are kept for the days that Settings say; prompts and answers never are.",
    loaded: (n: string) => `${n} loaded`,
    all: (n: string) => `${n} in all`,
    loading: "Loading more…",
    moreFailed: "The next rows could not be loaded.",
    newer: (n: string) => `Show ${n} newer`,
    refresh: "Refresh",
  },
  filter: {
    label: "Filters",
    any: { machine: "Any machine", key: "Any key", status: "Any status", time: "Any time" },
    model: "Model",
    endpoint: "Endpoint",
    machine: "Machine",
    key: "Key",
    status: "Status",
    time: "Time",
    from: "From",
    to: "To",
    last: { "15m": "Last 15 minutes", "1h": "Last hour", "24h": "Last 24 hours", "7d": "Last 7 days" },
    custom: "From … to …",
    statusClass: { "2xx": "2xx served", "4xx": "4xx refused", "5xx": "5xx failed" },
    clear: "Clear filters",
    remove: (what: string) => `Remove the filter: ${what}`,
    none: "No request passes these filters",
    noneText: "These filters hold. Remove one of them, or all.",
    backwards: "“From” is after “To”: nothing can be between.",
  },
  export: {
    csv: "CSV",
    ndjson: "NDJSON",
    csvTitle: "Everything that the filters leave, as a CSV file",
    ndjsonTitle: "Everything that the filters leave, one JSON object a line",
    command: (format: string) => `Export requests as ${format}`,
  },
  detail: {
    title: (model: string) => `Request: ${model}`,
    back: "All requests",
    live: "It runs now; this page follows it.",
    unknown: "This request is not known",
    unknownText:
      "It may be older than the days for which the history is kept (see Settings), or the address is mistyped. A request that has only just ended needs a second until it is here.",
    badId: "The address holds no id of a request: it may have been copied in part.",
    waterfall: "Where the time went",
    picture: (total: string) => `Timeline of ${total}; the table below has the same numbers.`,
    table: "The steps in numbers",
    step: "Step",
    begins: "Begins at",
    takes: "Takes",
    attempt: (n: string) => `Attempt ${n}`,
    before: "Before",
    facts: "Facts",
    attempts: "Attempts",
    ended: {
      answered: "Answered completely",
      own: (status: string) => `Ollama answered with status ${status}`,
    },
    nobody: "No machine was given it.",
    error: "What went wrong",
    ollama: {
      what: (status: string) =>
        `Ollama itself answered with status ${status}; the coordinator passed that on as it was.`,
      todo: "The client has Ollama's message. Ollama's log on the machine says more.",
    },
    unknownError: (code: string) => `The code is ${code}.`,
    unknownTodo:
      "This page does not know it: the coordinator may be newer. Its documentation explains the code.",
    similarModel: "Requests of this model",
    fact: {
      id: "Id",
      at: "Arrived",
      endpoint: "Endpoint",
      model: "Model",
      machine: "Machine",
      key: "Key",
      status: "Status",
      attempts: "Attempts",
      reason: "Reason",
      queue: "In the queue",
      firstToken: "To the first token",
      duration: "Altogether",
      prompt: "Tokens of the prompt",
      answer: "Tokens of the answer",
      rate: "Tokens per second",
      ollama: "Ollama's own times",
      ollamaTimes: (load: string, prompt: string, write: string) =>
        `load ${load}, prompt ${prompt}, answer ${write}`,
      sent: "Request body",
      received: "Answer body",
      state: "State",
    },
  },
  /** What a part of the waterfall is. */
  step: {
    prepare: { name: "Arrival", hint: "The coordinator reads the request and looks for a machine." },
    queue: { name: "Queue", hint: "No machine had a free slot, or waiting for a busy one was quicker." },
    dispatch: { name: "Dispatch", hint: "Through the tunnel to Ollama and back, and Ollama's own queue." },
    load: { name: "Load", hint: "Ollama loaded the model into memory." },
    prompt: { name: "Prompt", hint: "Ollama read the prompt." },
    write: {
      name: "Answer written",
      hint: "Ollama wrote the answer before it sent it: it was not streamed.",
    },
    stream: { name: "Stream", hint: "From the first token to the last." },
    lost: { name: "No answer", hint: "Nothing came from this machine." },
  },
  firstToken: "First token",
  reasons,
  errors,
};

export type Text = typeof en;
