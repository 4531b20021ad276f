import { fmt } from "../../lib/fmt.ts";
import { playgroundText } from "../../text/playground/index.ts";
import { IconButton } from "../../ui/button.tsx";
import { harmless } from "../../ui/harmless.ts";
import type { Picture } from "./lib/chat.ts";
import { dataUrl } from "./lib/chat-request.ts";

/** The pictures of a prompt, small. */
export function Pictures({
  pictures,
  label,
  onRemove,
}: {
  pictures: readonly Picture[];
  label: string;
  onRemove?: (index: number) => void;
}) {
  const t = playgroundText.value.action;
  if (pictures.length === 0) return null;
  return (
    <ul class="pg-pictures" aria-label={label}>
      {pictures.map((picture, index) => {
        const name = harmless(picture.name, 80);
        return (
          <li key={index} class="pg-picture" title={`${name} (${fmt.bytes(picture.bytes)})`}>
            <img src={dataUrl(picture)} alt={name} />
            {onRemove !== undefined && (
              <IconButton
                icon="close"
                size="sm"
                label={t.removePicture(name)}
                onClick={() => onRemove(index)}
              />
            )}
          </li>
        );
      })}
    </ul>
  );
}
