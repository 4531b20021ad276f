import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { defineOptions, helpText, resolveOptions } from "./options.ts";

const table = defineOptions({
  port: {
    flag: "port",
    env: "TEST_PORT",
    kind: "number",
    schema: z.number().int().min(0).max(65_535),
    allowed: "a port from 0 to 65535",
    default: 8080,
    help: "port to listen on",
  },
  publicUrl: {
    flag: "public-url",
    kind: "string",
    schema: z.url(),
    allowed: "an http(s) URL",
    placeholder: "URL",
    help: "address that others use",
  },
  token: {
    flag: "token",
    env: "TEST_TOKEN",
    config: false,
    kind: "string",
    schema: z.string().regex(/^t_/),
    allowed: "a token that begins with t_",
    secret: true,
    help: "the token",
  },
  agent: {
    flag: "agent",
    env: "TEST_AGENT",
    kind: "boolean",
    schema: z.boolean(),
    allowed: "true or false",
    default: true,
    help: "do not start an agent",
  },
  noColor: {
    flag: "no-color",
    kind: "boolean",
    schema: z.boolean(),
    allowed: "true or false",
    default: false,
    help: "plain output",
  },
  help: {
    flag: "help",
    short: "h",
    config: false,
    kind: "boolean",
    schema: z.boolean(),
    allowed: "true or false",
    default: false,
    help: "show this",
  },
  checks: {
    flag: false,
    config: "checks_secs",
    kind: "number",
    schema: z.number().positive(),
    allowed: "seconds, more than 0",
    default: 30,
    help: "how often",
  },
});

function resolve(argv: string[], env: Record<string, string> = {}, config?: unknown) {
  return resolveOptions(table, { argv, env, config });
}

function values(...inputs: Parameters<typeof resolve>) {
  const result = resolve(...inputs);
  if (!result.ok) throw new Error(result.error);
  return result;
}

function error(...inputs: Parameters<typeof resolve>): string {
  const result = resolve(...inputs);
  if (result.ok) throw new Error("was accepted");
  expect(result.error).not.toContain("\n");
  return result.error;
}

test("flags beat environment beats config file beats defaults, and each value remembers its source", () => {
  const all = { TEST_PORT: "2" };
  expect(values(["--port", "1"], all, { port: 3 })).toMatchObject({
    values: { port: 1 },
    sources: { port: "flag" },
  });
  expect(values([], all, { port: 3 })).toMatchObject({
    values: { port: 2 },
    sources: { port: "environment" },
  });
  expect(values([], {}, { port: 3 })).toMatchObject({ values: { port: 3 }, sources: { port: "config" } });
  expect(values([])).toMatchObject({ values: { port: 8080 }, sources: { port: "default" } });
});

test("an empty environment variable counts as not set", () => {
  expect(values([], { TEST_PORT: "" }).sources.port).toBe("default");
});

test("flags take their value after a space or an equals sign, and the last one counts", () => {
  expect(values(["--port=5", "--port", "6"]).values.port).toBe(6);
  expect(values(["--public-url=https://a.example/x=y"]).values.publicUrl).toBe("https://a.example/x=y");
});

test("booleans are switched by --x, --no-x and --x=false, and a flag named no-… is itself", () => {
  expect(values(["--no-agent"]).values.agent).toBe(false);
  expect(values(["--agent"], { TEST_AGENT: "off" }).values.agent).toBe(true);
  expect(values(["--agent=false"]).values.agent).toBe(false);
  expect(values([], { TEST_AGENT: "NO" }).values.agent).toBe(false);
  expect(values(["--no-color"]).values.noColor).toBe(true);
});

test("words that are no flags are positionals, everything after -- too", () => {
  expect(values(["run", "-h", "--", "--port"]).positionals).toEqual(["run", "--port"]);
});

test("an unknown flag is one line that names it and what is allowed", () => {
  expect(error(["--prot", "1"])).toBe(
    'unknown flag "--prot"; allowed: --port, --public-url, --token, --agent, --no-color, --help',
  );
  expect(error(["-x"])).toContain('unknown flag "-x"');
});

test("a flag without its value is one line that says what it takes", () => {
  expect(error(["--port"])).toBe("--port: no value was given; allowed: a port from 0 to 65535");
  expect(error(["--public-url", "--port"])).toBe("--public-url: no value was given; allowed: an http(s) URL");
  expect(error(["--no-agent=1"])).toBe('--no-agent takes no value, "1" was given');
});

test("a bad value is one line that names flag, variable or key, the value and what is allowed", () => {
  expect(error(["--port", "70000"])).toBe('--port: "70000" is not allowed; allowed: a port from 0 to 65535');
  expect(error(["--port", ""])).toContain('--port: "" is not allowed');
  expect(error([], { TEST_PORT: "x" })).toBe(
    'TEST_PORT: "x" is not allowed; allowed: a port from 0 to 65535',
  );
  expect(error([], { TEST_AGENT: "perhaps" })).toContain('TEST_AGENT: "perhaps"');
  expect(error([], {}, { port: "8080" })).toBe(
    'config key port: "8080" is not allowed; allowed: a port from 0 to 65535',
  );
  expect(error([], {}, { checks_secs: 0 })).toContain("config key checks_secs: 0 is not allowed");
});

test("an unknown config key and a config that is no object are refused by name", () => {
  expect(error([], {}, { prot: 1 })).toBe(
    'config file: unknown key "prot"; allowed: port, public_url, agent, no_color, checks_secs',
  );
  expect(error([], {}, { token: "t_1" })).toContain('unknown key "token"');
  expect(error([], {}, [])).toBe("config file: [] is not allowed; allowed: a JSON object");
});

test("no error shows a secret, the password of a URL, or more than one line of a value", () => {
  const secret = error(["--token", "hunter2"]);
  expect(secret).toBe(
    "--token: the value given (not shown) is not allowed; allowed: a token that begins with t_",
  );
  expect(error([], { TEST_TOKEN: "hunter2" })).not.toContain("hunter2");
  expect(error(["--port", "http://me:hunter2@host"])).not.toContain("hunter2");
  expect(error(["--port", `1\n${"9".repeat(1000)}`]).length).toBeLessThan(300);
});

test("the result has the types of the schemas", () => {
  const result = values([]);
  expectTypeOf(result.values.port).toEqualTypeOf<number>();
  expectTypeOf(result.values.agent).toEqualTypeOf<boolean>();
  expectTypeOf(result.values.publicUrl).toEqualTypeOf<string | undefined>();
});

test("the help is made of the table", () => {
  expect(
    helpText(table, { usage: "thing [flags]", intro: "Does it.", commands: [["run", "runs (default)"]] }),
  ).toBe(`Usage: thing [flags]

Does it.

Commands:
  run  runs (default)

Options:
  --port N          port to listen on (default 8080; env TEST_PORT)
  --public-url URL  address that others use
  --token VALUE     the token (env TEST_TOKEN)
  --no-agent        do not start an agent (env TEST_AGENT)
  --no-color        plain output
  -h, --help        show this

Config file:
  checks_secs  how often (default 30)
`);
});
