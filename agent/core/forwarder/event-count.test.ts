import fc from "fast-check";
import { expect, test } from "vitest";
import { EventCount } from "./event-count.ts";

const event = (content: string): string =>
  `data: {"id":"x","choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}},"finish_reason":null}]}\n\n`;

test("events are counted once each, however the stream is cut, and what a model wrote is not taken for one", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("tok", "", '"choices":[{', '{"choices":'), { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
      (tokens, sizes) => {
        const bytes = Buffer.from(`${tokens.map(event).join("")}data: [DONE]\n\n`);
        const count = new EventCount();
        for (let at = 0, cut = 0; at < bytes.length; cut++) {
          const size = sizes[cut % sizes.length] ?? 1;
          count.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(count.events).toBe(tokens.length);
      },
    ),
  );
});
