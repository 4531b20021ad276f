import { expect, test } from "vitest";
import { licenceNotice } from "./licences.ts";

const metafile = (...files: string[]) => ({
  inputs: Object.fromEntries(files.map((file) => [file, { bytes: 1, imports: [] }])),
  outputs: {},
});

test("every package in a program is named once with its licence's text, and Node's licence comes last", () => {
  const notice = licenceNotice(
    [
      metafile("agent/cli/main.ts", "node_modules/ws/index.js", "node_modules/ws/lib/sender.js"),
      metafile("node_modules/@hono/node-server/dist/index.js", "node_modules/ws/index.js"),
    ],
    "Node's licence",
  );
  expect(notice.match(/^\S+ [\d.]+ \(MIT\)$/gm)).toEqual([
    expect.stringMatching(/^@hono\/node-server /),
    expect.stringMatching(/^ws /),
  ]);
  expect(notice).toContain("Permission is hereby granted");
  expect(notice.endsWith("Node's licence\n")).toBe(true);
});
