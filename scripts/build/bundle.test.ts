import { isBuiltin } from "node:module";
import { expect, test, vi } from "vitest";
import { bundle } from "./bundle.ts";
import { AGENT, COORDINATOR, PROGRAMS } from "./programs.ts";

// The first that needs the web app builds it.
vi.setConfig({ testTimeout: 60_000 });

test.each(PROGRAMS)("the $name needs nothing at run time but Node itself", async ({ entry }) => {
  const { metafile } = await bundle(entry);
  const wanted = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  // Asked for in a `try` by packages that do without.
  const optional = ["bufferutil", "utf-8-validate", "kerberos", "macos-temperature-sensor"];
  expect(wanted.filter((path) => !isBuiltin(path) && !optional.includes(path))).toEqual([]);
});

test("the coordinator carries its migrations and the dashboard, and finds the agent beside itself", async () => {
  const { code, metafile } = await bundle(COORDINATOR.entry);
  expect(code).toContain("CREATE TABLE");
  expect(Object.keys(metafile.inputs)).toContain("embedded:dashboard");
  expect(code).toMatch(/\["index\.html", ?"[\w+/=]{100,}"\]/);
  expect(Object.keys(metafile.inputs)).toContain("worker/serve/release.packaged.ts");
  expect(Object.keys(metafile.inputs)).not.toContain("worker/serve/release.ts");
});

test("the agent leaves out what no agent uses", async () => {
  const { metafile } = await bundle(AGENT.entry);
  const inputs = Object.keys(metafile.inputs).join("\n");
  expect(inputs).toMatch(/systeminformation\/lib\/graphics\.js/);
  expect(inputs).not.toMatch(/systeminformation\/lib\/wifi\.js|quickjs|zod\/v4\/locales\/fr\.js/);
});
