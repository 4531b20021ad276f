import { describe, expect, it } from "vitest";
import { readOllamaHost } from "./ollama-host.ts";

describe("OLLAMA_HOST", () => {
  it.each([
    [undefined, "http://127.0.0.1:11434"],
    ["", "http://127.0.0.1:11434"],
    ["  '1.2.3.4'  ", "http://1.2.3.4:11434"],
    ["example.com", "http://example.com:11434"],
    ["example.com:1234", "http://example.com:1234"],
    [":1234", "http://127.0.0.1:1234"],
    ["0.0.0.0", "http://127.0.0.1:11434"],
    ["0.0.0.0:8080", "http://127.0.0.1:8080"],
    ["http://0.0.0.0:8080", "http://127.0.0.1:8080"],
    ["http://1.2.3.4", "http://1.2.3.4:80"],
    ["https://1.2.3.4", "https://1.2.3.4:443"],
    ["https://1.2.3.4:4321/a/b/", "https://1.2.3.4:4321/a/b"],
    ["[::1]", "http://[::1]:11434"],
    ["::1", "http://[::1]:11434"],
    ["[::]:8080", "http://[::1]:8080"],
    ["[2001:db8::1]:99", "http://[2001:db8::1]:99"],
    ["example.com:70000", "http://example.com:11434"],
    ["example.com:http", "http://example.com:11434"],
    ["https://example.com:", "https://example.com:443"],
    ["ollama.com", "https://ollama.com:443"],
  ])("%s means %s", (value, url) => {
    expect(readOllamaHost(value).url).toBe(url);
  });
});
