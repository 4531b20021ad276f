import type { ComponentChildren } from "preact";
import { common } from "../text/common/index.ts";
import { Dialog } from "../ui/dialog.tsx";
import { AREAS } from "./area-list.ts";

/** Every key that does something. */
export function Help({ onClose }: { onClose: () => void }) {
  const { shortcuts: t, nav } = common.value;
  const keys: [ComponentChildren, string][] = [
    [
      <>
        <kbd>Ctrl</kbd> <kbd>K</kbd>
      </>,
      t.palette,
    ],
    [<kbd>?</kbd>, t.help],
    ...AREAS.map(({ id, key }): [ComponentChildren, string] => [
      <>
        <kbd>g</kbd> <kbd>{key}</kbd>
      </>,
      t.goTo(nav[id]),
    ]),
    [
      <>
        <kbd>↑</kbd> <kbd>↓</kbd>
      </>,
      t.rows,
    ],
    [<kbd>Enter</kbd>, t.open],
    [<kbd>Esc</kbd>, t.close],
  ];
  return (
    <Dialog title={t.title} onClose={onClose} size="sm">
      <dl class="help-keys">
        {keys.map(([key, meaning]) => (
          <div key={meaning}>
            <dt>{meaning}</dt>
            <dd>{key}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
