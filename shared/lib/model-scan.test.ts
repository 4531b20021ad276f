import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TopLevelScan } from "./model-scan.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Scans `whole` in pieces that end at `cuts`. */
function scan(
  whole: Uint8Array,
  cuts: readonly number[],
  wanted: readonly string[] = ["model", "name"],
): TopLevelScan {
  const scanner = new TopLevelScan(wanted);
  let at = 0;
  for (const cut of [...cuts.map((each) => each % (whole.length + 1)).sort((a, b) => a - b), whole.length]) {
    scanner.push(whole.subarray(at, cut));
    at = cut;
  }
  return scanner;
}

/** Keys, strings and white space of the kinds that trip scanners up. */
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.string({
    unit: fc.constantFrom("\\", '"', "{", "}", "[", "]", ":", ",", "u", "\u0000", "é", "😀"),
    maxLength: 12,
  }),
  fc.constantFrom("model", "name", "Model", '{"model":"no"}', '"', "\\", '\\"', '","model":"no'),
);
const scalar = fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null));
const value = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(fc.oneof(scalar, fc.dictionary(text, scalar)), { maxLength: 4 }) },
  {
    weight: 1,
    arbitrary: fc.dictionary(text, fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })), { maxKeys: 4 }),
  },
);
const key = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom("model", "name", "MODEL", "nAme") },
  { weight: 3, arbitrary: text },
);
const members = fc.array(fc.tuple(key, value), { maxLength: 8 });
const cuts = fc.array(fc.nat(1_000), { maxLength: 12 });
const indent = fc.constantFrom(undefined, 1, "\t");

/** Strings with every character escaped, as some writers do. */
function escaped(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

describe("whatever the object is and however its bytes are cut", () => {
  test("what JSON.parse finds at the top is found, and nothing from below", () => {
    fc.assert(
      fc.property(members, cuts, indent, fc.boolean(), (list, at, space, ascii) => {
        const body = list
          .map(([name, member]) => `${JSON.stringify(name)}:${JSON.stringify(member, null, space)}`)
          .join(space === undefined ? "," : ` ,\n`);
        const json = ascii ? escaped(`{${body}}`) : ` {${body} } `;
        const parsed: unknown = JSON.parse(json);
        expect(typeof parsed).toBe("object");

        const expected = new Map<string, string>();
        let conflict = false;
        for (const [name, member] of list) {
          const folded = name.toLowerCase();
          if ((folded !== "model" && folded !== "name") || typeof member !== "string") continue;
          const before = expected.get(folded);
          conflict ||= before !== undefined && before !== "" && before !== wellFormed(member);
          expected.set(folded, wellFormed(member));
        }
        const scanner = scan(bytes(json), at);
        expect(Object.fromEntries(scanner.found)).toEqual(Object.fromEntries(expected));
        expect([scanner.conflict, scanner.done]).toEqual([conflict, true]);
        const whole = bytes(json);
        for (const [folded, places] of scanner.at) {
          const last = places.map(([from, to]) => JSON.parse(textAt(whole, from, to)) as unknown).at(-1);
          expect(last).toBe(expected.get(folded));
        }
        expect([...scanner.at.keys()].sort()).toEqual([...expected.keys()].sort());
      }),
      { numRuns: 2_000 },
    );
  });

  test("below the top, what JSON.parse finds at that depth is told, and nothing else", () => {
    const tool = fc.array(fc.tuple(fc.oneof(key, fc.constantFrom("type", "TYPE")), value), { maxLength: 5 });
    const record = (entries: [string, unknown][]): string =>
      `{${entries.map(([name, member]) => `${JSON.stringify(name)}:${JSON.stringify(member)}`).join(",")}}`;
    fc.assert(
      fc.property(fc.array(tool, { maxLength: 3 }), cuts, (tools, at) => {
        const whole = bytes(`{"type":"top","tools":[${tools.map(record).join(",")}],"last":["type","x"]}`);
        const heard: (string | undefined)[] = [];
        const scanner = new TopLevelScan(["type"], { level: 3, heard: (each) => heard.push(each) });
        let from = 0;
        for (const to of [
          ...at.map((each) => each % (whole.length + 1)).sort((a, b) => a - b),
          whole.length,
        ]) {
          scanner.push(whole.subarray(from, to));
          from = to;
        }
        const types = tools
          .flat()
          .filter(([name, member]) => name.toLowerCase() === "type" && typeof member === "string");
        expect(heard).toEqual(types.map(([, member]) => wellFormed(String(member))));
        expect([scanner.done, scanner.found.size]).toEqual([true, 0]);
      }),
      { numRuns: 1_000 },
    );
  });

  test("bytes of any kind throw nothing and keep little", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), cuts, (garbage, at) => {
        const scanner = scan(garbage, at);
        expect(scanner.found.size).toBeLessThanOrEqual(2);
      }),
      { numRuns: 500 },
    );
  });

  test("one cut more or less changes nothing, for garbage either", () => {
    const unit = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      '"',
      ":",
      ",",
      "\\",
      "model",
      '"model"',
      '"a"',
      " ",
      "1",
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 30 }), cuts, (units, at) => {
        const whole = bytes(`{${units.join("")}`);
        const [once, often] = [scan(whole, []), scan(whole, at)];
        expect([[...often.found], often.conflict, often.done]).toEqual([
          [...once.found],
          once.conflict,
          once.done,
        ]);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** What UTF-8 makes of a text with half a surrogate pair. */
function wellFormed(member: string): string {
  return new TextDecoder().decode(bytes(member));
}

const textAt = (whole: Uint8Array, from: number, to: number): string =>
  new TextDecoder().decode(whole.subarray(from, to));

test("where each value stands is told, however the bytes are cut", () => {
  const whole = bytes(' {"é":"model", "model" : "a\\u0062" ,"MODEL":"ab","name":5,"nAme":""}');
  for (let cut = 0; cut <= whole.length; cut++) {
    const { at } = scan(whole, [cut, cut + 1]);
    const texts = [...at].map(([key, places]) => [key, places.map(([from, to]) => textAt(whole, from, to))]);
    expect(texts).toEqual([
      ["model", ['"a\\u0062"', '"ab"']],
      ["name", ['""']],
    ]);
  }
});

test("a key or value too long to be a name is not kept, and a value is not cut to another name", () => {
  const long = "x".repeat(10_000);
  const value = scan(bytes(`{"model":"${long}"}`), []);
  expect(value.found.get("model")).toBeUndefined();
  expect(value.conflict).toBe(true);
  const longKey = scan(bytes(`{"${long}":"a","model":"b"}`), []);
  expect([...longKey.found]).toEqual([["model", "b"]]);
});

test("a value that is no string is no name, whatever it holds", () => {
  for (const other of ["5", "null", "true", '["a"]', '{"model":"a"}', '[{"model":"a"}]']) {
    expect([...scan(bytes(`{"model":${other},"x":1}`), []).found]).toEqual([]);
    expect(scan(bytes(`{"model":${other},"model":"b"}`), []).found.get("model")).toBe("b");
  }
});

test("what follows the object counts for nothing", () => {
  const scanner = scan(bytes('{"model":"a"}{"model":"b"}'), []);
  expect([scanner.found.get("model"), scanner.conflict, scanner.done]).toEqual(["a", false, true]);
});

test("five megabytes in one string cost milliseconds", () => {
  const whole = bytes(`{"images":["${"A".repeat(5_000_000)}"],"model":"a"}`);
  const started = performance.now();
  expect(scan(whole, []).found.get("model")).toBe("a");
  expect(performance.now() - started).toBeLessThan(500);
});
