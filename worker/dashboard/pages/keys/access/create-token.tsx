import { useSignal } from "@preact/signals";
import type { AccessTokenCreated } from "../../../../../shared/api/access-tokens.ts";
import type { Role } from "../../../../../shared/api/session.ts";
import { call } from "../../../lib/api.ts";
import { coordinatorNow } from "../../../lib/clock.ts";
import { common } from "../../../text/common/index.ts";
import { keysText } from "../../../text/keys/index.ts";
import { Button } from "../../../ui/button.tsx";
import { CopyField, SecretOnce } from "../../../ui/copy.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { Select, TextInput } from "../../../ui/fields.tsx";
import { FormDialog } from "../form/form-dialog.tsx";
import { EXPIRIES, type Expiry, expiryOf } from "../form/key-draft.ts";

const ROLES = ["viewer", "admin"] as const satisfies readonly Role[];

interface Draft {
  name: string;
  role: Role;
  expiry: Expiry;
  expiresAt: string;
}

/** Asks who a token is for, makes it, and shows it the one time it can be seen. */
export function CreateToken({ onClose }: { onClose: () => void }) {
  const t = keysText.value.access;
  const draft = useSignal<Draft>({ name: "", role: "viewer", expiry: "never", expiresAt: "" });
  const created = useSignal<AccessTokenCreated | null>(null);
  if (created.value !== null) return <Made created={created.value} onClose={onClose} />;
  return (
    <FormDialog
      title={t.createTitle}
      submit={t.submit}
      failed={t.failed}
      onClose={onClose}
      onSubmit={async () => {
        const { name, role } = draft.value;
        const expires_at = expiryOf(draft.value, coordinatorNow());
        const body = { name, role, ...(expires_at === null ? {} : { expires_at }) };
        created.value = await call("POST /api/admin/tokens", { body });
      }}
    >
      {(faults) => (
        <Fields
          draft={draft.value}
          faults={faults}
          onChange={(change) => {
            draft.value = { ...draft.value, ...change };
          }}
        />
      )}
    </FormDialog>
  );
}

function Fields({
  draft,
  faults,
  onChange,
}: {
  draft: Draft;
  faults: Readonly<Record<string, string>>;
  onChange: (change: Partial<Draft>) => void;
}) {
  const text = keysText.value;
  const t = text.access;
  return (
    <>
      <TextInput
        label={text.form.name}
        hint={t.nameHint}
        value={draft.name}
        maxLength={100}
        required
        autofocus
        changes
        error={faults.name}
        onInput={(name) => onChange({ name })}
      />
      <Select
        label={t.role}
        hint={t.roleHints[draft.role]}
        value={draft.role}
        options={ROLES.map((value) => ({ value, label: t.roles[value] }))}
        changes
        error={faults.role}
        onChange={(role) => onChange({ role })}
      />
      <Select
        label={text.form.expiry}
        value={draft.expiry}
        options={EXPIRIES.map((value) => ({ value, label: text.form.expiries[value] }))}
        changes
        error={draft.expiry === "at" ? undefined : faults.expires_at}
        onChange={(expiry) => onChange({ expiry })}
      />
      {draft.expiry === "at" && (
        <TextInput
          label={text.form.expiresAt}
          hint={text.form.expiresAtHint}
          type="datetime-local"
          value={draft.expiresAt}
          changes
          error={faults.expires_at}
          onInput={(expiresAt) => onChange({ expiresAt })}
        />
      )}
    </>
  );
}

function Made({ created, onClose }: { created: AccessTokenCreated; onClose: () => void }) {
  const t = keysText.value.access;
  const link = `${location.origin}/dashboard#token=${encodeURIComponent(created.token)}`;
  return (
    <Dialog
      title={t.createdTitle}
      onClose={onClose}
      keep
      footer={
        <Button kind="primary" onClick={onClose}>
          {common.value.secret.done}
        </Button>
      }
    >
      <SecretOnce value={created.token} label={t.token} />
      <section class="stack stack-sm" aria-labelledby="keys-link">
        <h3 id="keys-link">{t.link}</h3>
        <CopyField label={t.link} value={link} />
        <p class="muted small">{t.linkHint}</p>
      </section>
      <section class="stack stack-sm" aria-labelledby="keys-prometheus">
        <h3 id="keys-prometheus">{t.prometheus}</h3>
        <CopyField label={t.prometheus} value={`authorization: { credentials: ${created.token} }`} />
      </section>
    </Dialog>
  );
}
