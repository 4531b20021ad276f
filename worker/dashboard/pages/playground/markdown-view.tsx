import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { MarkdownReader } from "./lib/markdown/markdown-reader.ts";
import type { Block } from "./lib/markdown/tree.ts";
import { BlockView } from "./markdown-block.tsx";

export interface MarkdownProps {
  text: string;
  /** Nothing will follow. */
  complete: boolean;
}

/** Of the time, reading and drawing an answer may take one part in so many. */
const SHARE = 8;

/** Markdown that grows. A frame reads again only its end; where even that is much (a list without end), not every frame does. */
export function MarkdownView({ text, complete }: MarkdownProps) {
  const reader = useRef(new MarkdownReader());
  const read = useRef<{
    text: string;
    complete: boolean;
    blocks: readonly Block[];
    at: number;
    cost: number;
  }>({
    text: "",
    complete: false,
    blocks: [],
    at: 0,
    cost: 0,
  });
  const again = useSignal(0);
  // Read, so that the timer draws this anew.
  again.value;

  const now = performance.now();
  const before = read.current;
  const isNew = before.text !== text || before.complete !== complete;
  const dueIn = complete ? 0 : before.at + before.cost * SHARE - now;
  if (isNew && dueIn <= 0) {
    const blocks = reader.current.read(text, complete);
    read.current = { text, complete, blocks, at: now, cost: 0 };
  }
  useLayoutEffect(() => {
    const { at } = read.current;
    if (at === now) read.current.cost = performance.now() - at;
  });
  const isBehind = isNew && dueIn > 0;
  useEffect(() => {
    if (!isBehind) return;
    const timer = setTimeout(() => again.value++, dueIn);
    return () => clearTimeout(timer);
  }, [isBehind, text]);

  return (
    <div class="pg-markdown">
      {read.current.blocks.map((block, at) => (
        <BlockView key={at} block={block} />
      ))}
    </div>
  );
}
