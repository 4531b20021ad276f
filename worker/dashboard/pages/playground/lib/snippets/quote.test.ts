import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hasPython, python } from "../../../../../../test/support/python.ts";
import { HOSTILE } from "../testing/hostile.ts";
import { quoted, shellWord } from "./quote.ts";

/** Of one process for all: a process takes longer than a thousand strings. */
const ODD = fc.sample(fc.string({ unit: "binary", maxLength: 30 }), { numRuns: 300, seed: 7 });
const TEXTS = [...HOSTILE, ...ODD];

test("a shell passes on every byte of a word, and runs none of it", () => {
  const texts = TEXTS.map((text) => text.replaceAll("\0", "").toWellFormed());
  const out = execFileSync("sh", ["-c", `printf '%s\\0' ${TEXTS.map(shellWord).join(" ")}`], { cwd: "/" });
  expect(out.toString().split("\0").slice(0, -1)).toEqual(texts);
});

test("JSON and JavaScript read a quoted string as what it was", () => {
  const wellFormed = TEXTS.map((text) => text.toWellFormed());
  expect(JSON.parse(`[${TEXTS.map(quoted).join()}]`)).toEqual(wellFormed);
  expect(new Function(`return [${TEXTS.map(quoted).join()}]`)()).toEqual(wellFormed);
});

if (hasPython()) {
  test("so does Python", () => {
    const out = python(`import json\nprint(json.dumps([${TEXTS.map(quoted).join()}]))`);
    expect(JSON.parse(out)).toEqual(TEXTS.map((text) => text.toWellFormed()));
  });
}

test("nothing that turns the text around it or cannot be seen stands in a quoted string", () => {
  const code = quoted("a\u202eb\u2066c\u200fd\u200be\ufefff\u0007g\u0085h");
  expect(code).toBe('"a\\u202eb\\u2066c\\u200fd\\u200be\\ufefff\\u0007g\\u0085h"');
});

test("an ordinary word stays as it is", () => {
  expect(shellWord("https://llm.example.com/api/chat")).toBe("https://llm.example.com/api/chat");
  expect(shellWord("")).toBe("''");
});
