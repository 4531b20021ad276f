export const en = {
  subtitle: "How the coordinator chooses, waits and keeps",
  groups: {
    choosing: "Choosing a machine",
    queue: "Waiting",
    times: "Time limits",
    names: "Other names for models",
    keeping: "History and access",
    yours: "This browser",
  },
  fields: {
    strategy: "Strategy",
    "queue.max_length": "Requests that may wait",
    "queue.timeout_s": "Longest wait",
    resume_window_s: "Wait for a lost machine",
    connect_timeout_s: "Reach Ollama within",
    first_byte_timeout_s: "First token within",
    idle_timeout_s: "Longest silence",
    retention_days: "Keep history for",
    cors_origins: "Web pages that may call",
    aliases: "Aliases",
    fallbacks: "Fallbacks",
  },
  hints: {
    strategy: "Which of the machines that have the model gets the next request.",
    "queue.max_length":
      "When all machines are busy, this many requests wait. Further ones are refused with 429. 0: nobody waits.",
    "queue.timeout_s": "A request that has waited this long is ended with 504.",
    resume_window_s:
      "When a machine's connection breaks, its streams wait this long for it to come back, and then go on where they were. 0: not at all.",
    connect_timeout_s:
      "A machine whose Ollama does not take the connection in this time counts as failed, and another one is tried.",
    first_byte_timeout_s:
      "From the request to the first byte of the answer. Loading a large model from a slow disk is part of it.",
    idle_timeout_s: "An answer that stands still for this long between two bytes is ended.",
    retention_days:
      "Requests and events older than this are deleted. The sums for the statistics stay longer.",
    cors_origins:
      "Origins of web pages whose scripts may call the client API, for example https://app.example. * allows all. Programs that are no web pages are not affected.",
    aliases:
      "A name that programs ask for, and the model that answers. Use it for programs with a fixed model name, for example gpt-4o-mini.",
    fallbacks:
      "When no machine has the model, or only machines that are offline, the first of these that is there answers.",
  },
  strategies: {
    auto: "Automatic",
    "round-robin": "In turns",
    "least-loaded": "Least loaded",
    weighted: "By weight",
  },
  strategyHints: {
    auto: "Keeps a conversation on the machine that has it in its cache, loads models as rarely as possible, then looks for free slots and speed. Right for most.",
    "round-robin":
      "The machine whose last turn is longest ago, whatever the others do. Fair among equal machines.",
    "least-loaded":
      "The machine with the fewest requests for each of its slots, even if it must load the model first.",
    weighted:
      "Turns in proportion to the weight that each machine was given. For machines of different strength.",
  },
  units: { requests: "requests", seconds: "s", days: "days" },
  range: (min: string, max: string) => `${min} to ${max}.`,
  default: (value: string) => `Default: ${value}.`,
  nothing: "none",
  reset: "Reset to default",
  resetField: (field: string) => `Reset to default: ${field}`,
  locked: "Set by the environment",
  lockedWhy:
    "The environment of the coordinator sets this when it starts (a variable or a flag). Change it there and start the coordinator again.",
  tables: {
    asked: "Asked for",
    answers: "Answers",
    order: "Used in this order",
    addAlias: "Add an alias",
    addFallback: "Add a fallback",
    noAliases: "No aliases. Programs must ask for models by their own names.",
    noFallbacks: "No fallbacks. A model that no machine has is an error.",
    aliasName: (row: string) => `Name that is asked for, row ${row}`,
    aliasTarget: (row: string) => `Model that answers, row ${row}`,
    fallbackName: (row: string) => `Model that is asked for, row ${row}`,
    fallbackModels: (row: string) => `Models to use, row ${row}`,
    remove: (row: string) => `Remove row ${row}`,
    placeholderName: "gpt-4o-mini",
    placeholderModel: "llama3.2:3b",
  },
  faults: {
    missing: "Enter a number.",
    twice: "A name is here twice. Each can be in the table once.",
    empty: "A row is not complete. Fill it in or remove it.",
  },
  bar: {
    label: "Changes",
    changed: (n: number, shown: string) => `${shown} unsaved ${n === 1 ? "change" : "changes"}`,
    save: "Save",
    discard: "Discard",
    saved: "The settings were saved. They hold at once.",
    failed: (what: string) => `Nothing was saved. ${what}`,
    check: "Nothing was saved. Look at the fields that are marked.",
  },
  elsewhere: {
    taken: (fields: string) => `Changed elsewhere just now: ${fields}.`,
    conflict: "This was changed elsewhere too. Saving puts your value in its place.",
    theirs: "Use the other value",
  },
  leave: {
    title: "Leave without saving?",
    text: "Your changes to the settings have not been saved and would be lost.",
    stay: "Stay here",
    leave: "Leave without saving",
  },
  yours: { hint: "These two are kept in this browser and hold for you alone. They change at once." },
  command: "Save the settings",
};

export type Text = typeof en;
