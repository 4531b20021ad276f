import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HOSTILE } from "../testing/hostile.ts";
import { MarkdownReader } from "./markdown-reader.ts";
import type { Block, Inline } from "./tree.ts";

const read = (text: string): Block[] => new MarkdownReader().read(text, true);
const inline = (text: string): Inline[] => {
  const [block] = read(text);
  return block?.kind === "paragraph" ? block.children : [];
};

/** Everything that would be shown, and everything that would be followed. */
function all(of: unknown, found = { text: "", links: [] as string[], deepest: 0 }, depth = 0): typeof found {
  found.deepest = Math.max(found.deepest, depth);
  if (typeof of === "string") found.text += of;
  else if (Array.isArray(of)) for (const item of of) all(item, found, depth + 1);
  else if (typeof of === "object" && of !== null) {
    for (const [name, item] of Object.entries(of)) {
      if (name === "href") found.links.push(String(item));
      else if (name !== "kind" && name !== "language") all(item, found, depth + 1);
    }
  }
  return found;
}

describe("what a model writes", () => {
  test("is shown with its marks", () => {
    expect(inline("**a** *b* ~~c~~ `d < &lt;` e\nf<br>g")).toEqual([
      { kind: "strong", children: ["a"] },
      " ",
      { kind: "em", children: ["b"] },
      " ",
      { kind: "del", children: ["c"] },
      " ",
      { kind: "code", text: "d < &lt;" },
      " e",
      { kind: "break" },
      "f",
      { kind: "break" },
      "g",
    ]);
    expect(read("## T `x`\n\n> q\n\n---\n\n3. a\n4. b\n   - c\n")).toEqual([
      { kind: "heading", level: 2, children: ["T ", { kind: "code", text: "x" }] },
      { kind: "quote", blocks: [{ kind: "paragraph", children: ["q"] }] },
      { kind: "rule" },
      {
        kind: "list",
        start: 3,
        items: [
          [{ kind: "paragraph", children: ["a"] }],
          [
            { kind: "paragraph", children: ["b"] },
            { kind: "list", start: undefined, items: [[{ kind: "paragraph", children: ["c"] }]] },
          ],
        ],
      },
    ]);
  });

  test("tasks and tables have their boxes and cells", () => {
    expect(read("- [x] done\n- [ ] open\n\n| a | b |\n|:-|-:|\n| 1 | **2** |")).toEqual([
      {
        kind: "list",
        start: undefined,
        items: [
          [{ kind: "paragraph", children: [{ kind: "check", checked: true }, "done"] }],
          [{ kind: "paragraph", children: [{ kind: "check", checked: false }, "open"] }],
        ],
      },
      {
        kind: "table",
        align: ["left", "right"],
        header: [["a"], ["b"]],
        rows: [[["1"], [{ kind: "strong", children: ["2"] }]]],
      },
    ]);
  });

  test("code is shown as it stands, while it is still being written, too", () => {
    const [block] = new MarkdownReader().read("```js title=x\nlet a = '<b>&amp;';\n", false);
    expect(block).toEqual({ kind: "code", language: "js", text: "let a = '<b>&amp;';" });
  });

  test("characters that are spelled out are the characters", () => {
    expect(inline("&lt;b&gt; &#60; &#x1F600; &amp;lt; &nope; &#0; AT&T")).toEqual([
      "<b> < 😀 &lt; &nope; \ufffd AT&T",
    ]);
  });
});

describe("what may not happen", () => {
  test.each([
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "text <b onclick=alert(1)>bold</b>",
    "<svg><script>alert(1)</script></svg>",
    "<style>*{display:none}</style>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
  ])("%s is text", (text) => {
    const shown = all(read(text)).text;
    expect(shown).toBe(text.replaceAll("&lt;", "<").replaceAll("&gt;", ">"));
  });

  test.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "&#106;avascript:alert(1)",
    "javascript&colon;alert(1)",
    "\u0001javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://x/1",
    "//evil.example",
    "/api/admin/keys",
    "../logout",
    "#top",
    "?x",
    "https:",
    "http://[",
  ])("a link to %j is its text", (href) => {
    for (const text of [`[go](<${href}>)`, `[go]: <${href}>\n\n[go]`, `![go](<${href}>)`, `<${href}>`])
      expect(all(read(text)).links, text).toEqual([]);
  });

  test("links to the web and to mail stay, and pictures become links", () => {
    const text =
      "[a](https://a.example/?x&amp;y) <https://b.example> www.c.example <me@d.example> ![p](https://e.example/p.png)";
    expect(all(read(text)).links).toEqual([
      "https://a.example/?x&y",
      "https://b.example/",
      "http://www.c.example/",
      "mailto:me@d.example",
      "https://e.example/p.png",
    ]);
  });

  test("what is nested a thousandfold ends soon, and nothing of it is lost", () => {
    for (const text of [`${">".repeat(5_000)} end`, `${"- ".repeat(3_000)}end`, `${"[".repeat(2_000)}end`]) {
      const { deepest, text: shown } = all(read(text));
      expect(deepest).toBeLessThan(120);
      expect(shown).toContain("end");
    }
  });

  test.each([
    "_a",
    "*a ",
    "**a ",
    "`a",
    "![",
    "[a](",
    "<a ",
    "~~a",
    "a.",
    "x",
    "&",
    "| ",
    "\u202e",
    "> ",
    "http://",
  ])("40 KB of %j hold nothing up", (piece) => {
    const text = piece.repeat(40_000 / piece.length);
    const begun = performance.now();
    read(text);
    expect(performance.now() - begun).toBeLessThan(500);
  });

  test("any text at all is read, and nothing but links to the web comes of it", () => {
    const pieces = fc.constantFrom(
      ..."*_`~[]()<>!#|-+:\\&;\n\n  a1",
      "```",
      "javascript:",
      "https://x",
      ...HOSTILE.slice(0, -1),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        for (const href of all(read(parts.join(""))).links) expect(href).toMatch(/^(https?|mailto):/);
      }),
      { numRuns: 300 },
    );
  });
});

const LONG = [
  "# Title",
  "First paragraph\nof two lines with [a link][1].",
  "- one\n- two\n\n  more of two\n\n- three\n  1. nested\n  2. list",
  "12. twelve\n13. thirteen",
  "```py\ndef f():\n\n    return '''\n\n'''\n```",
  "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |",
  "> quote\n> more\nlazy",
  "Setext\n======",
  "    indented\n\n    code",
  "<div>\nhtml\n</div>",
  "***",
  "The end.",
];

describe("a text that grows", () => {
  // Before its definition a link cannot be known for one: what is complete is read anew.
  const text = LONG.join("\n\n");

  test("is the same at its end, wherever it was read in between", () => {
    const expected = read(text);
    const stepwise = new MarkdownReader();
    let last: Block[] = [];
    for (let end = 1; end <= text.length; end++) last = stepwise.read(text.slice(0, end), false);
    expect(last).toEqual(expected);
    fc.assert(
      fc.property(fc.shuffledSubarray(LONG, { minLength: 2 }), fc.array(fc.nat(400)), (parts, cuts) => {
        const whole = parts.join("\n\n");
        const reader = new MarkdownReader();
        for (const cut of cuts.toSorted((a, b) => a - b)) reader.read(whole.slice(0, cut), false);
        expect(reader.read(whole, false)).toEqual(read(whole));
      }),
      { numRuns: 100 },
    );
  });

  test("keeps the blocks that stand: only the last ones are made anew", () => {
    const reader = new MarkdownReader();
    const before = reader.read(text, false);
    const after = reader.read(`${text} And more.\n\nAnd more.`, false);
    const kept = before.filter((block, index) => after[index] === block).length;
    expect(kept).toBeGreaterThanOrEqual(before.length - 2);
  });

  test("keeps the items of a list that has no end", () => {
    const items = (count: number) => Array.from({ length: count }, (_, at) => `- item **${at}**\n`).join("");
    const reader = new MarkdownReader();
    const [before, after] = [50, 51].map((count) => reader.read(items(count), false).at(-1));
    if (before?.kind !== "list" || after?.kind !== "list") throw new Error("no list");
    expect(after.items.filter((item, index) => before.items[index] === item)).toHaveLength(49);
    expect(after.items).toHaveLength(51);
  });

  test("costs by what is new, not by what is there", () => {
    const reader = new MarkdownReader();
    const paragraph = `${"word ".repeat(60)}\n\n`;
    const long = paragraph.repeat(1_000);
    reader.read(long, false);
    const begun = performance.now();
    for (let step = 1; step <= 100; step++) reader.read(`${long}${"x ".repeat(step)}`, false);
    expect((performance.now() - begun) / 100).toBeLessThan(10);
  });

  test("knows a definition that stands before its use", () => {
    const reader = new MarkdownReader();
    reader.read("[1]: https://a.example\n\nx\n\ny\n\nz\n\n", false);
    const grown = reader.read("[1]: https://a.example\n\nx\n\ny\n\nz\n\n[one][1]", false);
    expect(all(grown).links).toEqual(["https://a.example/"]);
  });

  test("and one behind it, once all of it is there", () => {
    const reader = new MarkdownReader();
    const whole = "[one][1]\n\nx\n\ny\n\nz\n\n[1]: https://a.example";
    reader.read(whole, false);
    expect(all(reader.read(whole, true)).links).toEqual(["https://a.example/"]);
  });

  test("that is another text altogether is read from its beginning", () => {
    const reader = new MarkdownReader();
    reader.read(text, false);
    expect(reader.read("other", false)).toEqual([{ kind: "paragraph", children: ["other"] }]);
    expect(reader.read("a\r\n\r\nb", false)).toHaveLength(2);
  });
});
