/** What the command takes, as `parseArgs` wants it. */
export const OPTIONS = {
  scenario: { type: "string" },
  strategy: { type: "string" },
  short: { type: "boolean" },
  svg: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;
