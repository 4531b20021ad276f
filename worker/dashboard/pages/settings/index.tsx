import "./settings.css";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { call } from "../../lib/api.ts";
import { useCommands } from "../../lib/commands.ts";
import { revision } from "../../lib/feed.ts";
import { useResource } from "../../lib/resource.ts";
import { canChange, session } from "../../lib/session.ts";
import { common } from "../../text/common/index.ts";
import { settingsText } from "../../text/settings/index.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import { ErrorState, Notice, Skeleton } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { Groups } from "./groups.tsx";
import { LeaveGuard } from "./leave-guard.tsx";
import { SaveBar } from "./save-bar.tsx";
import { SettingsForm } from "./store.ts";
import { Yours } from "./yours.tsx";

const settingsRevision = revision("settings");

/** What was typed when the session ended, and by whom: it is there again after his login, and for nobody else. */
let kept: { form: SettingsForm; owner: string | undefined } | undefined;

/** How the coordinator behaves, and how this browser shows it. */
export default function SettingsPage() {
  const t = settingsText.value;
  const owner = useRef(session.peek()?.name).current;
  const form = useMemo(
    () => (kept !== undefined && kept.owner === owner ? kept.form : new SettingsForm()),
    [],
  );
  useEffect(
    () => () => {
      kept = session.peek() === null ? { form, owner } : undefined;
    },
    [form],
  );
  const { data, error, reload } = useResource(
    (signal) => call("GET /api/admin/settings", { signal }),
    [settingsRevision.value],
  );
  useEffect(() => {
    if (data === undefined) return;
    const taken = form.take(data);
    const words = settingsText.peek();
    if (taken.length > 0)
      toast(words.elsewhere.taken(taken.map((field) => words.fields[field]).join(", ")), "info");
  }, [data]);
  const changes = form.changed.value.length;
  useCommands(
    () =>
      changes > 0
        ? [{ id: "settings-save", label: t.command, icon: "check", run: () => void form.save() }]
        : [],
    [changes > 0, t],
  );
  return (
    <>
      <PageHeader title={common.value.nav.settings} subtitle={t.subtitle} />
      <div class="stack settings">
        {!canChange.value && <Notice>{common.value.viewerOnly}</Notice>}
        {form.draft.value === undefined ? (
          error === undefined ? (
            <Skeleton lines={8} />
          ) : (
            <ErrorState error={error} retry={reload} />
          )
        ) : (
          <Groups form={form} />
        )}
        <Yours />
      </div>
      <SaveBar form={form} />
      {changes > 0 && <LeaveGuard />}
    </>
  );
}
