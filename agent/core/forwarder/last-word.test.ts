import { expect, test } from "vitest";
import { LastWord } from "./last-word.ts";

/** What goes at once and what is kept, as text. */
function run(length: string | undefined, pieces: string[]): { gone: string; kept: string } {
  const word = new LastWord(length);
  const gone = pieces.flatMap((piece) => word.take(Buffer.from(piece))).join("");
  return { gone, kept: word.kept?.toString() ?? "" };
}

test("of a declared length only the piece that completes it is kept", () => {
  expect(run("6", ["ab", "cd", "ef"])).toEqual({ gone: "abcd", kept: "ef" });
  expect(run("6", ["ab", "cd"])).toEqual({ gone: "abcd", kept: "" });
});

test("of progress lines only the one that says success is kept", () => {
  const progress = '{"status":"writing manifest"}\n';
  const success = '{"status":"success"}\n';
  expect(run(undefined, [progress, success])).toEqual({ gone: progress, kept: success });
  expect(run(undefined, [progress, progress])).toEqual({ gone: progress + progress, kept: "" });
});

test("a mark cut at any place never leaves whole", () => {
  const text = '{"status":"writing manifest"}\n{"status":"success"}\n';
  for (let cut = 1; cut < text.length; cut++) {
    const { gone, kept } = run(undefined, [text.slice(0, cut), text.slice(cut)]);
    expect(gone + kept).toBe(text);
    expect(gone).not.toContain('success"}\n');
  }
});

test("what was kept too early goes before what follows it", () => {
  const { gone, kept } = run(undefined, ['{"status":"success"}\n', "x".repeat(100)]);
  expect(gone + kept).toBe(`{"status":"success"}\n${"x".repeat(100)}`);
});

test("without a body the head is the last word", () => {
  expect(new LastWord("0").isHead).toBe(true);
  const whole = new LastWord("1");
  whole.take(Buffer.from("x"));
  expect(whole.isHead).toBe(false);
  expect(new LastWord(undefined).isHead).toBe(false);
});
