export const en = {
  intro:
    "One HTTPS endpoint for all your Ollama machines: an Ollama server, an OpenAI API and an Anthropic API over machines behind NAT.",
  versions: "Versions",
  coordinator: "Coordinator",
  agents: "Agents on the machines",
  ollama: "Ollama on the machines",
  none: "no machine yet",
  onMachines: (version: string, n: number) => `${version} (${n})`,
  address: "Addresses for clients",
  addressHint:
    "Use these with a client key. `ollama`, the OpenAI and the Anthropic libraries work unchanged.",
  ollamaApi: "Ollama API",
  openaiApi: "OpenAI API",
  anthropicApi: "Anthropic API",
  links: "More",
  docs: "API documentation",
  openapi: "OpenAPI description",
  metrics: "Metrics for Prometheus",
  health: "Health check",
  you: "You",
  role: "Role",
  roles: { admin: "Administrator", viewer: "Viewer" },
  via: "Logged in with",
  vias: { token: "a token", access: "Cloudflare Access" },
  expires: "Session ends",
  noEnd: "not by itself",
  clock: "Coordinator's clock",
  clockOff: (by: string) => `differs from this computer's by ${by}`,
  clockSame: "agrees with this computer's",
};

export type Text = typeof en;
