import { TopLevelScan } from "../../../shared/lib/model-scan.ts";

/** Where Ollama searches the web for any model, on ollama.com and on the account of its machine's owner. */
export const SEARCHING_PATH = "/v1/messages";

/** Of `tools[].type`: the body, its list, and the tool. */
const TOOL_LEVEL = 3;

/** Looks in a body for the tool with which Ollama searches the web, while its bytes come in. */
export class SearchScan {
  #found = false;
  readonly #scan = new TopLevelScan(["type"], {
    level: TOOL_LEVEL,
    // One that cannot be read may be anything to Ollama, which looks at its beginning only.
    heard: (type) => {
      if (type === undefined || type.trim().startsWith("web_search")) this.#found = true;
    },
  });

  /** It is there, or may be. */
  get found(): boolean {
    return this.#found;
  }

  push(bytes: Uint8Array): void {
    this.#scan.push(bytes);
  }
}
