import type { JSX } from "preact";
import { memo } from "../../lib/memo.ts";
import { playgroundText } from "../../text/playground/index.ts";
import { CopyButton } from "../../ui/copy.tsx";
import type { Block, Inline } from "./lib/markdown/tree.ts";

/** One block of an answer; text in any direction keeps to its own block. */
export const BlockView = memo(function BlockView({ block }: { block: Block }): JSX.Element {
  switch (block.kind) {
    case "paragraph":
      return (
        <p dir="auto">
          <Inlines of={block.children} />
        </p>
      );
    case "heading":
      // Below the answer's own heading; an answer may begin with any level, and none may be skipped.
      return (
        <h4 dir="auto" class={`pg-h pg-h${block.level}`}>
          <Inlines of={block.children} />
        </h4>
      );
    case "code":
      return <Code text={block.text} language={block.language} />;
    case "quote":
      return (
        <blockquote>
          <Blocks of={block.blocks} />
        </blockquote>
      );
    case "list":
      return <List start={block.start} items={block.items} />;
    case "table":
      return <Table {...block} />;
    case "rule":
      return <hr />;
  }
});

const Blocks = ({ of }: { of: readonly Block[] }) => (
  <>
    {of.map((block, at) => (
      <BlockView key={at} block={block} />
    ))}
  </>
);

function Inlines({ of }: { of: readonly Inline[] }) {
  return (
    <>
      {of.map((inline, at) => (
        <InlineView key={at} of={inline} />
      ))}
    </>
  );
}

function InlineView({ of }: { of: Inline }): JSX.Element {
  if (typeof of === "string") return <>{of}</>;
  switch (of.kind) {
    case "strong":
    case "em":
    case "del": {
      const Mark = of.kind;
      return (
        <Mark>
          <Inlines of={of.children} />
        </Mark>
      );
    }
    case "code":
      return <code class="isolate">{of.text}</code>;
    case "link":
      return (
        <a href={of.href} title={of.href} target="_blank" rel="noopener noreferrer">
          <Inlines of={of.children} />
        </a>
      );
    case "check":
      return <span class="pg-check">{of.checked ? "☑" : "☐"} </span>;
    case "break":
      return <br />;
  }
}

function Code({ text, language }: { text: string; language: string }) {
  return (
    <div class="pg-code">
      <div class="pg-code-head">
        <bdi class="muted small mono">{language === "" ? playgroundText.value.answer.code : language}</bdi>
        <CopyButton text={text} size="sm" />
      </div>
      <pre dir="ltr" tabIndex={0}>
        <code>{text}</code>
      </pre>
    </div>
  );
}

function List({ start, items }: { start: number | undefined; items: readonly Block[][] }) {
  const entries = items.map((item, at) => <Item key={at} blocks={item} />);
  return start === undefined ? <ul>{entries}</ul> : <ol start={start}>{entries}</ol>;
}

const Item = memo(function Item({ blocks }: { blocks: readonly Block[] }) {
  return (
    <li dir="auto">
      <Blocks of={blocks} />
    </li>
  );
});

function Table({ align, header, rows }: Extract<Block, { kind: "table" }>) {
  const side = (column: number) => (align[column] == null ? undefined : `pg-${align[column]}`);
  return (
    <div class="pg-table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {header.map((cell, at) => {
              // The corner of a table heads nothing.
              const Cell = cell.length === 0 ? "td" : "th";
              return (
                <Cell key={at} scope={cell.length === 0 ? undefined : "col"} dir="auto" class={side(at)}>
                  <Inlines of={cell} />
                </Cell>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, line) => (
            <tr key={line}>
              {row.map((cell, at) => (
                <td key={at} dir="auto" class={side(at)}>
                  <Inlines of={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
