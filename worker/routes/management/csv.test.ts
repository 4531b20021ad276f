import fc from "fast-check";
import { expect, test } from "vitest";
import { csvLine } from "./csv.ts";

/** A reader by RFC 4180, as plain as it can be. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') cell += text[++at];
      else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ",") {
      row.push(cell);
      cell = "";
    } else if (text.startsWith("\r\n", at)) {
      rows.push([...row, cell]);
      row = [];
      cell = "";
      at++;
    } else cell += char;
  }
  return rows;
}

test("any texts come back from any number of lines, with nothing that a spreadsheet would run", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", ",", '"', "\r", "\n", "=", "+", "-", "@", "\t", "é", "'", " "),
  });
  fc.assert(
    fc.property(fc.array(fc.array(text, { minLength: 2, maxLength: 4 }), { maxLength: 4 }), (lines) => {
      const read = parse(lines.map((cells) => csvLine(cells)).join(""));
      expect(read.length).toBe(lines.length);
      for (const [at, cells] of lines.entries()) {
        expect(read[at]?.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n])/, ""))).toEqual(
          cells.map((cell) => cell.replace(/^'(?=[=+\-@\t\r\n])/, "")),
        );
        for (const cell of read[at] ?? []) expect(cell).not.toMatch(/^[=+\-@\t\r\n]/);
      }
    }),
  );
});

test("numbers stay numbers, nothing stays empty, lists are JSON", () => {
  expect(csvLine([1.5, -2, null, undefined, "", [{ a: 1 }], "x"])).toBe('1.5,-2,,,,"[{""a"":1}]",x\r\n');
});

test.each([
  ["=1+1"],
  ["+1"],
  ["-1"],
  ["@x"],
  ["\tx"],
  ["\rx"],
  ["\n=1"],
  ["＝1+1"],
  ["＋1"],
  ["－1"],
  ["＠x"],
])("%j is a text, not a formula", (value) => {
  expect(csvLine([value]).replaceAll('"', "")).toBe(`'${value}\r\n`);
});
