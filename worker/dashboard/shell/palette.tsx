import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import { call } from "../lib/api.ts";
import type { Command } from "../lib/commands.ts";
import { revision } from "../lib/feed.ts";
import { useResource } from "../lib/resource.ts";
import { common } from "../text/common/index.ts";
import { cx } from "../ui/classes.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icons.tsx";
import { Name } from "../ui/name.tsx";
import { groupsFor } from "./palette-commands.ts";

/** As many as one page of the API has: who has more models types more letters of their page's own search. */
const MODELS = 500;

/** Everything by its name: pages, machines, models, actions. */
export function Palette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const t = common.value.palette;
  const typed = useSignal("");
  const at = useSignal(0);
  const id = useId();
  const models = useResource(
    (signal) => call("GET /api/admin/models", { query: { limit: MODELS }, signal }),
    [revision("models").value],
  );
  const groups = groupsFor(typed.value, models.data?.items ?? [], onHelp);
  const all = groups.flatMap(({ commands }) => commands);
  const chosen = all[Math.min(at.value, all.length - 1)];
  const optionId = (command: Command): string => `${id}-${all.indexOf(command)}`;
  useEffect(() => {
    if (chosen !== undefined) document.getElementById(optionId(chosen))?.scrollIntoView({ block: "nearest" });
  }, [chosen?.id]);

  const run = (command: Command): void => {
    onClose();
    // First the dialog goes, and gives the focus back.
    setTimeout(command.run);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing || all.length === 0) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      at.value = (Math.min(at.value, all.length - 1) + step + all.length) % all.length;
    } else if (event.key === "Enter" && chosen !== undefined) {
      event.preventDefault();
      run(chosen);
    }
  };

  return (
    <Dialog title={t.title} onClose={onClose} bare>
      <div class="palette">
        <div class="palette-input">
          <Icon name="search" />
          <input
            type="text"
            role="combobox"
            aria-label={t.placeholder}
            aria-expanded="true"
            aria-controls={`${id}-list`}
            aria-activedescendant={chosen === undefined ? undefined : optionId(chosen)}
            aria-autocomplete="list"
            placeholder={t.placeholder}
            autocomplete="off"
            spellcheck={false}
            autofocus
            value={typed.value}
            onKeyDown={onKeyDown}
            onInput={(event) => {
              typed.value = event.currentTarget.value;
              at.value = 0;
            }}
          />
        </div>
        <div class="palette-list" role="listbox" id={`${id}-list`} aria-label={t.title} tabIndex={-1}>
          {groups.map(({ title, commands }) => (
            <div role="group" aria-label={title} key={title}>
              <div class="palette-group" aria-hidden="true">
                {title}
              </div>
              {commands.map((command) => (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keyboard.
                <div
                  key={command.id}
                  id={optionId(command)}
                  role="option"
                  tabIndex={-1}
                  aria-selected={command === chosen}
                  class={cx("palette-item", command === chosen && "palette-on")}
                  onClick={() => run(command)}
                  onMouseMove={() => {
                    at.value = all.indexOf(command);
                  }}
                >
                  <Icon name={command.icon} />
                  <Name value={command.label} />
                </div>
              ))}
            </div>
          ))}
        </div>
        {all.length === 0 && (
          <p class="palette-none muted" role="status">
            {t.empty}
          </p>
        )}
        <p class="palette-hint">{t.hint}</p>
      </div>
    </Dialog>
  );
}
