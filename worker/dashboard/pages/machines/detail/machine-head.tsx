import { useSignal } from "@preact/signals";
import type { AgentView } from "../../../../../shared/api/agents.ts";
import { call } from "../../../lib/api.ts";
import { useCommands } from "../../../lib/commands.ts";
import { hrefOf, navigate } from "../../../lib/router.ts";
import { canChange } from "../../../lib/session.ts";
import { machinesText } from "../../../text/machines/index.ts";
import { Badge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Icon } from "../../../ui/icons.tsx";
import { Menu } from "../../../ui/menu.tsx";
import { Name } from "../../../ui/name.tsx";
import { PageHeader } from "../../../ui/page-header.tsx";
import { Notice } from "../../../ui/states.tsx";
import { toast, toastError } from "../../../ui/toast.tsx";
import { looksOf, stateOf } from "../machine-state.ts";
import { MachineState, stateText, yieldDetail } from "../state-badge.tsx";
import { DisconnectDialog } from "./disconnect-dialog.tsx";
import { EditDialog } from "./edit-dialog.tsx";
import { RemoveDialog } from "./remove-dialog.tsx";

/** Its name, how it is and what that means, and what can be done with it. */
export function MachineHead({ machine, onChanged }: { machine: AgentView; onChanged: () => void }) {
  const t = machinesText.value;
  const open = useSignal<"edit" | "disconnect" | "remove" | undefined>(undefined);
  const busy = useSignal(false);
  const close = (): void => {
    open.value = undefined;
  };
  const name = harmless(machine.name);
  const drainOrResume = async (): Promise<void> => {
    busy.value = true;
    const params = { id: machine.id };
    try {
      if (machine.draining) await call("POST /api/agents/{id}/resume", { params });
      else await call("POST /api/agents/{id}/drain", { params });
      toast(machine.draining ? t.action.resumed(name) : t.action.drained(name));
      onChanged();
    } catch (error) {
      toastError(error);
    } finally {
      busy.value = false;
    }
  };
  const turn = machine.draining ? t.action.resume : t.action.drain;
  useCommands(() => {
    if (!canChange.peek()) return [];
    const run = (): void => void drainOrResume();
    return [
      { id: "machine-drain", label: `${turn}: ${name}`, icon: machine.draining ? "play" : "pause", run },
      {
        id: "machine-edit",
        label: `${t.action.edit}: ${name}`,
        icon: "edit",
        run: () => {
          open.value = "edit";
        },
      },
    ];
  }, [turn, name, t]);
  return (
    <>
      <nav class="machines-crumb small" aria-label={t.detail.back}>
        <a href={hrefOf("/machines")} class="machines-back">
          <Icon name="chevronLeft" size={14} />
          {t.detail.back}
        </a>
      </nav>
      <PageHeader
        title={name}
        heading={<Name value={machine.name} />}
        subtitle={
          <span class="row">
            <MachineState agent={machine} />
            {machine.tags.map((tag) => (
              <Badge key={tag} title={harmless(tag)}>
                {harmless(tag, 30)}
              </Badge>
            ))}
          </span>
        }
        actions={
          <>
            <Button
              icon={machine.draining ? "play" : "pause"}
              title={machine.draining ? undefined : t.action.drainHint}
              busy={busy.value}
              onClick={() => void drainOrResume()}
              changes
            >
              {turn}
            </Button>
            <Button icon="edit" onClick={() => (open.value = "edit")} changes>
              {t.action.edit}
            </Button>
            <Menu
              label={t.action.menu}
              icon="more"
              items={[
                {
                  id: "disconnect",
                  label: t.action.disconnect,
                  icon: "link",
                  disabled: machine.status === "offline",
                  changes: true,
                  onSelect: () => {
                    open.value = "disconnect";
                  },
                },
                {
                  id: "remove",
                  label: t.action.remove,
                  icon: "trash",
                  danger: true,
                  changes: true,
                  onSelect: () => {
                    open.value = "remove";
                  },
                },
              ]}
            />
          </>
        }
      />
      <Meaning machine={machine} />
      {open.value === "edit" && <EditDialog machine={machine} onSaved={onChanged} onClose={close} />}
      {open.value === "disconnect" && <DisconnectDialog machine={machine} onClose={close} />}
      {open.value === "remove" && (
        <RemoveDialog machine={machine} onRemoved={() => navigate("/machines")} onClose={close} />
      )}
    </>
  );
}

/** Only where it gets no work: nobody needs to be told what "Ready" means. */
function Meaning({ machine }: { machine: AgentView }) {
  const state = stateOf(machine);
  const { group, tone } = looksOf(state);
  if (group === "ready") return null;
  const { means, next } = stateText(state);
  const more = yieldDetail(machine.yielding);
  return (
    <div class="machines-meaning">
      <Notice tone={tone === "bad" || tone === "warn" ? tone : "info"}>
        <p>
          {means}
          {more !== "" && ` (${more})`}
        </p>
        {next !== null && <p>{next}</p>}
      </Notice>
    </div>
  );
}
