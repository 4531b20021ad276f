import { join } from "node:path";
import { expect, test } from "vitest";
import { capacityChanged, capacityReader, modelsDirs } from "./capacity.ts";

const HERE = "http://127.0.0.1:11434";

test("models are looked for where Ollama was told to keep them, then where it does by itself, then at home", () => {
  const home = join("/home", "x");
  expect(modelsDirs({ env: { OLLAMA_MODELS: "/big" }, home, ollamaUrl: HERE })).toEqual(["/big", home]);
  const own = modelsDirs({ env: { OLLAMA_MODELS: "" }, home, ollamaUrl: HERE });
  expect([own[0], own.at(-1)]).toEqual([join(home, ".ollama", "models"), home]);
});

test.each([{}, { OLLAMA_MODELS: "/big" }])(
  "nothing is said of the disk of another machine, env %j",
  async (env) => {
    const place = { env, home: "/", ollamaUrl: "http://gpu-box:11434" };
    expect(modelsDirs(place)).toEqual([]);
    expect(await capacityReader(place)()).toEqual({ memory_total_mb: expect.any(Number) });
  },
);

test.each(["localhost", "127.0.0.2", "0.0.0.0", "[::1]", "[::]"])("%s is this machine", (host) => {
  const place = { env: {}, home: "/home/x", ollamaUrl: `http://${host}:11434` };
  expect(modelsDirs(place)[0]).toBe(join("/home/x", ".ollama", "models"));
});

test.each(["0.0.0.1", "128.0.0.1", "[::2]", "[fd00::1]", "localhost.example"])(
  "%s is another machine",
  (host) => {
    expect(modelsDirs({ env: {}, home: "/home/x", ollamaUrl: `http://${host}:11434` })).toEqual([]);
  },
);

test("a directory that is not there is passed over", async () => {
  const place = { env: { OLLAMA_MODELS: "/there/is/none" }, home: process.cwd(), ollamaUrl: HERE };
  const { disk_free_mb, memory_total_mb } = await capacityReader(place)();
  expect(disk_free_mb).toBeGreaterThan(0);
  expect(memory_total_mb).toBeGreaterThan(0);
});

test.each([
  [undefined, {}, true],
  [{ disk_free_mb: 100_000 }, { disk_free_mb: 99_000 }, false],
  [{ disk_free_mb: 100_000 }, { disk_free_mb: 98_976 }, true],
  [{ disk_free_mb: 1_000 }, { disk_free_mb: 951 }, false],
  [{ disk_free_mb: 1_000 }, { disk_free_mb: 950 }, true],
  [{ disk_free_mb: 0 }, { disk_free_mb: 0 }, false],
  [{ disk_free_mb: 0 }, { disk_free_mb: 1 }, true],
  [{ disk_free_mb: 1 }, {}, true],
  [{}, {}, false],
  [{ memory_total_mb: 1 }, { memory_total_mb: 2 }, true],
])("of %j, %j is news: %s", (told, now, news) => {
  expect(capacityChanged(told, now)).toBe(news);
});
