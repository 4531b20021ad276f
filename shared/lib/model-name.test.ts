import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allowsModel, canonicalName, isCloudName } from "./model-name.ts";

test.each([
  ["llama3.2", "llama3.2:latest"],
  ["llama3.2:latest", "llama3.2:latest"],
  ["TINY:Latest", "tiny:latest"],
  ["llama3.2:3B-instruct-q4_K_M", "llama3.2:3b-instruct-q4_k_m"],
  ["  m  ", "m:latest"],
  ["library/m", "m:latest"],
  ["registry.ollama.ai/library/m:x", "m:x"],
  ["Registry.Ollama.AI/Library/m", "m:latest"],
  ["registry.ollama.ai/user/m", "user/m:latest"],
  ["user/m:x", "user/m:x"],
  ["hf.co/user/repo-GGUF:Q4_K_M", "hf.co/user/repo-gguf:q4_k_m"],
  ["localhost:5000/user/m", "localhost:5000/user/m:latest"],
  ["localhost:5000/library/m:1", "localhost:5000/library/m:1"],
  ["m:local", "m:latest"],
  ["m:7b:local", "m:7b"],
  ["m: LOCAL ", "m:latest"],
  ["m\u0085", "m:latest"],
  // Ollama drops any scheme in front of a host.
  ["https://registry.ollama.ai/library/m:x", "m:x"],
  ["HTTP://localhost:5000/user/m", "localhost:5000/user/m:latest"],
  // Of two parts the first is a namespace, whatever it looks like.
  ["registry.ollama.ai/m", "registry.ollama.ai/m:latest"],
])("%j is compared as %j", (name, canonical) => {
  expect(canonicalName(name)).toBe(canonical);
});

test("a canonical name is its own canonical name, unless it asks for locality", () => {
  const part = fc.stringMatching(/^[A-Za-z0-9._-]{1,8}$/);
  const name = fc
    .tuple(fc.array(part, { minLength: 1, maxLength: 3 }), fc.option(part))
    .map(([parts, tag]) => parts.join("/") + (tag === null ? "" : `:${tag}`));
  fc.assert(
    fc.property(name, (given) => {
      const canonical = canonicalName(given);
      fc.pre(!canonical.endsWith(":local"));
      expect(canonicalName(canonical)).toBe(canonical);
      expect(canonicalName(` ${given.toUpperCase()} `)).toBe(canonical);
    }),
  );
});

test.each([
  ["gpt-oss:120b-cloud", true],
  ["qwen3-coder:480B-CLOUD", true],
  ["m:cloud", true],
  [" m:cloud ", true],
  // Ollama trims behind the last colon, too, and by Go's notion of a space.
  ["gpt-oss:120b: cloud", true],
  ["m:\u00a0CLOUD\u2003", true],
  ["gpt-oss:120b-cloud\u0085", true],
  ["m:\u0085cloud\u0085 ", true],
  ["m-cloud", true],
  ["m:cloudy", false],
  ["cloud", false],
  ["cloud/m:7b", false],
  ["m-cloud:7b", false],
])("%j is a cloud name: %s", (name, cloud) => {
  expect(isCloudName(name)).toBe(cloud);
});

test("spaces without end cost nothing", () => {
  const started = performance.now();
  const name = `m${" ".repeat(1_000_000)}x`;
  expect(isCloudName(name)).toBe(false);
  expect(canonicalName(name)).toHaveLength(name.length + ":latest".length);
  expect(performance.now() - started).toBeLessThan(500);
});

describe("globs", () => {
  test.each<[string[] | null, string, boolean]>([
    [null, "anything", true],
    [[], "anything", false],
    [["*"], "a/b:c", true],
    [["llama3*"], "Llama3.2:3b", true],
    [["LLAMA3*"], "llama3.2:3b", true],
    [["llama3.2"], "llama3.2:latest", true],
    [["llama3.2"], "llama3.2:3b", false],
    [["llama3.2:latest"], "llama3.2", true],
    [["llama3.?"], "llama3.2", true],
    [["llama3.?"], "llama3.22", false],
    [["*:7b", "phi*"], "phi4", true],
    [["user/*"], "user/m", true],
    [["user/*"], "other/user/m", false],
    [["m.x"], "m-x", false],
    [["m[ab]"], "ma", false],
    [["library/m"], "m", false],
  ])("%j lets %j in: %s", (globs, name, allowed) => {
    expect(allowsModel(globs, name)).toBe(allowed);
  });

  /** The definition, word for word; exponential. */
  function naive(glob: string, text: string): boolean {
    if (glob === "") return text === "";
    const [head, rest] = [glob[0], glob.slice(1)];
    if (head === "*") return naive(rest, text) || (text !== "" && naive(glob, text.slice(1)));
    return text !== "" && (head === "?" || head === text[0]) && naive(rest, text.slice(1));
  }

  test("match as their definition says", () => {
    const glob = fc.stringMatching(/^[ab*?:]{0,8}$/);
    const name = fc.stringMatching(/^[ab]{1,6}(:[ab]{1,3})?$/);
    fc.assert(
      fc.property(glob, name, (pattern, given) => {
        const canonical = canonicalName(given);
        const expected = naive(pattern, canonical) || naive(pattern, canonical.replace(/:latest$/, ""));
        expect(allowsModel([pattern], given)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  test("made to be slow are not", () => {
    const started = performance.now();
    expect(allowsModel([`${"*a".repeat(90)}b`], "a".repeat(600))).toBe(false);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
