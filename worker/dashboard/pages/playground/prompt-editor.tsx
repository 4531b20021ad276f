import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { fmt } from "../../lib/fmt.ts";
import { playgroundText } from "../../text/playground/index.ts";
import { IconButton } from "../../ui/button.tsx";
import { cx } from "../../ui/classes.ts";
import { harmless } from "../../ui/harmless.ts";
import { PICTURE_TYPES, type Picture, type Prompt } from "./lib/chat.ts";
import { MOST_PICTURE_BYTES, MOST_PICTURES, type NoPicture, pictureOf } from "./lib/picture-file.ts";
import { Pictures } from "./pictures.tsx";

/** A prompt being written: its text, and pictures that are picked, pasted or dropped. */
export function PromptEditor({
  value,
  onChange,
  onSend,
  onCancel,
  label,
  disabled = false,
  autofocus = false,
  actions,
}: {
  value: Prompt;
  onChange: (prompt: Prompt) => void;
  onSend: () => void;
  /** Esc. */
  onCancel?: () => void;
  label: string;
  disabled?: boolean;
  autofocus?: boolean;
  actions: ComponentChildren;
}) {
  const t = playgroundText.value;
  const faults = useSignal<readonly string[]>([]);
  const isOver = useSignal(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const files = useRef<HTMLInputElement>(null);
  // What was typed while files were being read is not lost when they are there.
  const latest = useRef(value);
  latest.current = value;
  useEffect(() => {
    if (autofocus) field.current?.focus();
  }, []);

  // Sent, or taken back: what was wrong with its pictures is past.
  const isEmpty = value.text === "" && value.pictures.length === 0;
  useEffect(() => {
    if (isEmpty) faults.value = [];
  }, [isEmpty]);

  const add = async (given: readonly File[]): Promise<void> => {
    if (disabled || given.length === 0) return;
    const room = MOST_PICTURES - latest.current.pictures.length;
    const read = await Promise.all(
      given.slice(0, room).map(async (file) => ({ file, picture: await pictureOf(file) })),
    );
    const refused = read.flatMap(({ file, picture }) =>
      typeof picture === "string" ? [faultOf(picture, file.name)] : [],
    );
    faults.value = given.length > room ? [...refused, t.pictureFault.many(MOST_PICTURES)] : refused;
    const good = read.map(({ picture }) => picture).filter((one): one is Picture => typeof one !== "string");
    const before = latest.current;
    onChange({ ...before, pictures: [...before.pictures, ...good].slice(0, MOST_PICTURES) });
  };

  return (
    <div
      role="group"
      aria-label={label}
      class={cx("pg-editor", isOver.value && "pg-editor-over")}
      onDragOver={(event) => {
        if (event.dataTransfer?.types.includes("Files") !== true) return;
        event.preventDefault();
        isOver.value = true;
      }}
      onDragLeave={() => {
        isOver.value = false;
      }}
      onDrop={(event) => {
        isOver.value = false;
        const dropped = [...(event.dataTransfer?.files ?? [])];
        if (dropped.length === 0) return;
        event.preventDefault();
        void add(dropped);
      }}
    >
      <Pictures
        pictures={value.pictures}
        label={t.prompt.pictures}
        onRemove={(index) => {
          onChange({ ...value, pictures: value.pictures.filter((_, at) => at !== index) });
        }}
      />
      <textarea
        ref={field}
        class="pg-text"
        dir="auto"
        rows={2}
        aria-label={label}
        placeholder={isOver.value ? t.prompt.dropHere : t.prompt.placeholder}
        value={value.text}
        disabled={disabled}
        onInput={(event) => onChange({ ...latest.current, text: event.currentTarget.value })}
        onPaste={(event) => {
          const pasted = [...(event.clipboardData?.files ?? [])];
          if (pasted.length === 0) return;
          event.preventDefault();
          void add(pasted);
        }}
        onKeyDown={(event) => {
          // An Enter that ends the composition of a word (Japanese, Chinese) belongs to the word.
          if (event.isComposing || event.keyCode === 229) return;
          if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            onSend();
          } else if (event.key === "Escape" && onCancel !== undefined) {
            event.preventDefault();
            onCancel();
          }
        }}
      />
      {faults.value.length > 0 && (
        <div class="field-error wrap-anywhere" role="alert">
          {faults.value.map((fault, at) => (
            <div key={at}>{fault}</div>
          ))}
        </div>
      )}
      <div class="row">
        <input
          ref={files}
          type="file"
          hidden
          multiple
          accept={PICTURE_TYPES.join(",")}
          onChange={(event) => {
            const input = event.currentTarget;
            void add([...(input.files ?? [])]);
            // The same file can be picked again after it was removed.
            input.value = "";
          }}
        />
        <IconButton
          icon="image"
          label={t.action.picture}
          disabled={disabled}
          onClick={() => files.current?.click()}
        />
        <span class="grow" />
        {actions}
      </div>
    </div>
  );
}

function faultOf(fault: NoPicture, name: string): string {
  const t = playgroundText.peek().pictureFault;
  const shown = harmless(name, 80);
  return fault === "size" ? t.size(shown, fmt.bytes(MOST_PICTURE_BYTES)) : t[fault](shown);
}
