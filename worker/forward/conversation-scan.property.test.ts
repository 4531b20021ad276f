import fc from "fast-check";
import { expect, test } from "vitest";
import { ConversationScan } from "./conversation-scan.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function scan(whole: Uint8Array, cuts: readonly number[] = []): ConversationScan {
  const scanner = new ConversationScan("messages", "seed");
  let at = 0;
  for (const cut of [...cuts.map((each) => each % (whole.length + 1)).sort((a, b) => a - b), whole.length]) {
    scanner.push(whole.subarray(at, cut));
    at = cut;
  }
  return scanner;
}

const seen = (scanner: ConversationScan): unknown[] => [
  scanner.numCtx,
  scanner.stream,
  scanner.match,
  scanner.remember,
  scanner.whole,
  scanner.done,
];

/** Keys and strings of the kinds that trip scanners up, and some long enough to be skipped in one go. */
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.string({ unit: fc.constantFrom("\\", '"', "{", "]", ":", ",", "\u0000", "é", "😀"), maxLength: 90 }),
  fc.constantFrom("messages", "options", "num_ctx", "stream", "role", "assistant", '"],"messages":[', "\\"),
  fc.nat(1_500).map((length) => "long ".repeat(length / 5)),
);
const scalar = fc.oneof(
  text,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.nat(20_000),
  fc.boolean(),
  fc.constant(null),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(text, tie("value"), { maxKeys: 3 }),
  ),
}));
const message = fc.oneof(
  { weight: 3, arbitrary: fc.record({ role: fc.constantFrom("user", "assistant"), content: value }) },
  { weight: 1, arbitrary: fc.record({ content: value, role: fc.constantFrom("user", "assistant") }) },
  { weight: 1, arbitrary: value },
);
const member = fc.oneof(
  fc.tuple(fc.constant("messages"), fc.oneof(fc.array(message, { maxLength: 12 }), value)),
  fc.tuple(
    fc.constant("options"),
    fc.oneof(fc.record({ seed: value, num_ctx: fc.oneof(fc.nat(20_000), value) }), value),
  ),
  fc.tuple(fc.constant("stream"), fc.oneof(fc.boolean(), scalar)),
  fc.tuple(text, value),
);
const members = fc.array(member, { maxLength: 7 });
const cuts = fc.array(fc.nat(5_000), { maxLength: 12 });
const indent = fc.constantFrom(undefined, 1, "\t");

const escaped = (json: string): string =>
  json.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

const isObject = (given: unknown): given is Record<string, unknown> =>
  typeof given === "object" && given !== null && !Array.isArray(given);

test("what JSON.parse finds is found, however it is written and cut", () => {
  fc.assert(
    fc.property(members, cuts, indent, fc.boolean(), (list, at, space, ascii) => {
      const body = list.map(
        ([key, given]) => `${JSON.stringify(key)}: ${JSON.stringify(given, null, space)}`,
      );
      const json = ascii ? escaped(`{${body.join(",")}}`) : ` {\n${body.join(" ,\n")} } `;
      expect(() => JSON.parse(json)).not.toThrow();

      let numCtx: number | undefined;
      let stream: boolean | undefined;
      let messages: unknown;
      for (const [key, given] of list) {
        const folded = key.toLowerCase();
        if (folded === "messages") messages = given;
        if (folded === "stream" && (typeof given === "boolean" || given === null))
          stream = given ?? undefined;
        if (folded !== "options" || !isObject(given)) continue;
        const tokens = given.num_ctx;
        if (typeof tokens === "number" && Number.isInteger(tokens) && tokens > 0 && tokens <= 10_000_000)
          numCtx = tokens;
      }
      const scanner = scan(bytes(json), at);
      expect([scanner.numCtx, scanner.stream, scanner.whole]).toEqual([numCtx, stream, true]);

      const all = Array.isArray(messages) ? messages : [];
      // As `JSON.stringify` would write them there: the hash is over the bytes as they came.
      const raw = all.map((one) => {
        const written = JSON.stringify([one], null, space);
        const within = space === undefined ? written.slice(1, -1) : written.slice(1, -1).trim();
        return ascii ? escaped(within) : within;
      });
      const answers = all.map((one) => isObject(one) && one.role === "assistant");
      const first = answers.indexOf(true);
      const sizes = raw.map((_, end) => bytes(raw.slice(0, end + 1).join("")).length);
      const hashes = raw.map((_, end) => {
        // An answer at the end of it makes the shorter list tell its hash; it is the last but one then.
        const beginning = `{"messages":[${[...raw.slice(0, end + 1), '{"role":"assistant"}'].join(",")}]}`;
        return scan(bytes(beginning)).match.at(-2);
      });
      const long = hashes.flatMap((hash, end) => ((sizes[end] ?? 0) >= 1_024 ? [{ hash, end }] : []));
      expect(scanner.match).toEqual(first < 0 ? [] : long.slice(-32).map(({ hash }) => hash));
      expect(scanner.remember).toEqual(
        long
          .filter(({ end }) => end === all.length - 1 || (first >= 0 && end >= first))
          .slice(-8)
          .map(({ hash }) => hash),
      );
    }),
    { numRuns: 1_000 },
  );
});

test("bytes of any kind throw nothing, and how they are cut changes nothing", () => {
  const unit = fc.constantFrom(
    ...["{", "}", "[", "]", '"', ":", ",", "\\", " ", "1", "true", "null", '"a"'],
    ...[
      '"messages":[',
      '"options":{',
      '"num_ctx":5',
      '"stream":true',
      '{"role":"assistant"}',
      `"${"x".repeat(1_100)}"`,
    ],
  );
  const garbage = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(unit, { maxLength: 30 }).map((units) => bytes(`{${units.join("")}`)),
    fc.array(unit, { maxLength: 30 }).map((units) => bytes(`{"messages":[${units.join("")}`)),
  );
  fc.assert(
    fc.property(garbage, cuts, (whole, at) => {
      expect(seen(scan(whole, at))).toEqual(seen(scan(whole)));
      expect(
        seen(
          scan(
            whole,
            Array.from(whole, (_, each) => each),
          ),
        ),
      ).toEqual(seen(scan(whole)));
    }),
    { numRuns: 1_500 },
  );
});
