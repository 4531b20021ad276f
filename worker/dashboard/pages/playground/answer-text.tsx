import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import type { MarkdownProps } from "./markdown-view.tsx";

const view = signal<{ Markdown: ComponentType<MarkdownProps> } | undefined>(undefined);
let isLoading = false;

/** Markdown comes with the first answer; until then, and without it, the text is shown as it is. */
async function load(): Promise<void> {
  if (isLoading || view.peek() !== undefined) return;
  isLoading = true;
  try {
    const { MarkdownView } = await import("./markdown-view.tsx");
    view.value = { Markdown: MarkdownView };
  } catch {
    // The network or a new version: the text can be read without its marks, and the next answer tries again.
  } finally {
    isLoading = false;
  }
}

export function AnswerText({ text, complete }: MarkdownProps) {
  useEffect(() => void load(), []);
  const loaded = view.value;
  if (loaded === undefined) return <div class="pg-plain">{text}</div>;
  return <loaded.Markdown text={text} complete={complete} />;
}
