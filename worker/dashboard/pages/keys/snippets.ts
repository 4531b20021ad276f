/** Ways to use a key, ready to be pasted. */
export interface Snippet {
  id: "ollama" | "windows" | "curl" | "openai" | "anthropic";
  text: string;
}

/** @param origin of the coordinator, without a slash at its end @param model one that the key may use */
export function snippetsFor(origin: string, key: string, model: string): Snippet[] {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello!" }], stream: false });
  return [
    { id: "ollama", text: `OLLAMA_HOST=${origin}/k/${key} ollama list` },
    { id: "windows", text: `$env:OLLAMA_HOST = "${origin}/k/${key}"; ollama list` },
    {
      id: "curl",
      text: `curl ${origin}/api/chat \\\n  -H 'Authorization: Bearer ${key}' \\\n  -d '${shellQuoted(body)}'`,
    },
    { id: "openai", text: `export OPENAI_BASE_URL=${origin}/v1\nexport OPENAI_API_KEY=${key}` },
    { id: "anthropic", text: `export ANTHROPIC_BASE_URL=${origin}\nexport ANTHROPIC_AUTH_TOKEN=${key}` },
  ];
}

/** For use between single quotes: a model's name comes from a machine, and must not end them. */
function shellQuoted(text: string): string {
  return text.replaceAll("'", "'\\''");
}
