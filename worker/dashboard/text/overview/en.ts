export const en = {
  running: "Running now",
  tokens: "Tokens per second",
  waiting: "Waiting in the queue",
  firstToken: "Time to first token",
  errorRate: "Error rate",
  ofSlots: (n: number, slots: string) => (n === 1 ? "of one slot" : `of ${slots} slots`),
  ofQueue: (most: string) => `of at most ${most}`,
  perSecond: (rate: string) => `${rate} requests/s`,
  median: "median of the last minute",
  lastMinute: "of the last minute",
  lastHour: (what: string) => `${what}, the last hour`,
  problems: {
    title: "Needs attention",
    none: "All is well: nothing needs attention.",
    pairing: (n: number) => (n === 1 ? "A machine waits to be let in" : `${n} machines wait to be let in`),
    offline: (n: number) => (n === 1 ? "A machine is offline" : `${n} machines are offline`),
    absent: (n: number) =>
      n === 1 ? "Ollama is not running on a machine" : `Ollama is not running on ${n} machines`,
    hung: (n: number) =>
      n === 1 ? "Ollama does not answer on a machine" : `Ollama does not answer on ${n} machines`,
    breaker: (n: number) =>
      n === 1
        ? "A model keeps failing on a machine and gets no work there"
        : `${n} models keep failing on their machines and get no work there`,
    nobody: "No machine can take work now: requests wait or fail",
    queue: (waiting: string, most: string) => `The queue is long: ${waiting} of ${most} places are taken`,
    queueFull: "The queue is full: further requests are refused",
    outbox: (rows: string) =>
      `The history database does not keep up: ${rows} rows wait to be written. Requests are served all the same`,
    errors: (rate: string) => `${rate} of the requests of the last minute failed`,
    andMore: (n: string) => `and ${n} more`,
    review: "Review",
    show: "Show",
  },
  machines: {
    title: "Machines",
    all: (n: number, text: string) => (n === 1 ? "Show it in the list" : `All ${text} machines`),
    online: (online: string, all: string) => `${online} of ${all} online`,
    busiest: (n: string) => `The ${n} busiest`,
    slots: (busy: string, all: string) => `${busy} of ${all} slots busy`,
    ready: "Ready",
    nothingLoaded: "Nothing loaded",
    loaded: "In memory",
    cpu: "CPU",
    gpu: "GPU",
    tokens: (rate: string) => `${rate} tok/s`,
  },
  empty: {
    title: "No machine yet",
    text: "Machines dial out to this coordinator: nothing has to be opened in their network. Add the first one, and its models are here a second later.",
    add: "Add a machine",
    playground: "Then chat with its models in the playground.",
  },
};

export type Text = typeof en;
