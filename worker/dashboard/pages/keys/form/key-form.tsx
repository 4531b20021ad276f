import { feed } from "../../../lib/feed.ts";
import { keysText } from "../../../text/keys/index.ts";
import { Checkbox, NumberInput, Select, TextInput } from "../../../ui/fields.tsx";
import { TagsInput } from "../../../ui/tags-input.tsx";
import { EXPIRIES, faultOf, type KeyDraft, LIMITS, PRIORITIES } from "./key-draft.ts";

const ADVANCED = ["models", "expires_at", ...LIMITS, "priority", "weight", "path"];

/** The fields of a key; what most keys do not need is folded. */
export function KeyForm({
  draft,
  onChange,
  faults,
  unfolded = false,
}: {
  draft: KeyDraft;
  onChange: (change: Partial<KeyDraft>) => void;
  /** Of `ApiError.fields`. */
  faults: Readonly<Record<string, string>>;
  unfolded?: boolean;
}) {
  const t = keysText.value.form;
  const fault = (name: string): string | undefined => faultOf(faults, name);
  const permissionFault = fault("permissions");
  return (
    <>
      <TextInput
        label={t.name}
        hint={t.nameHint}
        value={draft.name}
        maxLength={100}
        required
        autofocus
        changes
        error={fault("name")}
        onInput={(name) => onChange({ name })}
      />
      <fieldset class="keys-fieldset">
        <legend>{t.permissions}</legend>
        <Checkbox
          label={t.infer}
          hint={t.inferHint}
          checked={draft.infer}
          changes
          onChange={(infer) => onChange({ infer })}
        />
        <Checkbox
          label={t.manage}
          hint={t.manageHint}
          checked={draft.manage}
          changes
          onChange={(manage) => onChange({ manage })}
        />
        {permissionFault !== undefined && (
          <div class="field-error" role="alert">
            {permissionFault}
          </div>
        )}
      </fieldset>
      <details class="keys-details" open={unfolded || ADVANCED.some((name) => fault(name) !== undefined)}>
        <summary>
          {t.advanced} <span class="muted small">{t.advancedHint}</span>
        </summary>
        <Advanced draft={draft} onChange={onChange} fault={fault} />
      </details>
    </>
  );
}

function Advanced({
  draft,
  onChange,
  fault,
}: {
  draft: KeyDraft;
  onChange: (change: Partial<KeyDraft>) => void;
  fault: (name: string) => string | undefined;
}) {
  const text = keysText.value;
  const t = text.form;
  const hints = { rpm: t.rpmHint, tpm: t.tpmHint, tpd: t.tpdHint, max_concurrency: t.maxHint };
  return (
    <div class="stack keys-advanced">
      <TagsInput
        label={t.models}
        hint={t.modelsHint}
        value={draft.models}
        max={100}
        maxLength={200}
        suggestions={knownModels()}
        changes
        error={fault("models")}
        onChange={(models) => onChange({ models })}
      />
      <div class="keys-pair">
        {LIMITS.map((name) => (
          <NumberInput
            key={name}
            label={text.limits[name]}
            hint={`${hints[name]} ${t.limitHint}`}
            value={draft[name]}
            min={1}
            step={1}
            changes
            error={fault(name)}
            onInput={(value) => onChange({ [name]: value })}
          />
        ))}
      </div>
      <div class="keys-pair">
        <Select
          label={t.expiry}
          value={draft.expiry}
          options={EXPIRIES.map((value) => ({ value, label: t.expiries[value] }))}
          changes
          error={draft.expiry === "at" ? undefined : fault("expires_at")}
          onChange={(expiry) => onChange({ expiry })}
        />
        {draft.expiry === "at" && (
          <TextInput
            label={t.expiresAt}
            hint={t.expiresAtHint}
            type="datetime-local"
            value={draft.expiresAt}
            changes
            error={fault("expires_at")}
            onInput={(expiresAt) => onChange({ expiresAt })}
          />
        )}
      </div>
      <div class="keys-pair">
        <Select
          label={t.priority}
          hint={t.priorityHint}
          value={draft.priority}
          options={PRIORITIES.map((value) => ({ value, label: t.priorities[value] }))}
          changes
          error={fault("priority")}
          onChange={(priority) => onChange({ priority })}
        />
        <NumberInput
          label={t.weight}
          hint={t.weightHint}
          value={draft.weight}
          min={0.01}
          max={100}
          changes
          error={fault("weight")}
          onInput={(weight) => onChange({ weight })}
        />
      </div>
      {draft.manage && (
        <Checkbox
          label={t.path}
          hint={t.pathHint}
          checked={draft.path}
          changes
          error={fault("path")}
          onChange={(path) => onChange({ path })}
        />
      )}
    </div>
  );
}

/** Of the machines that are shown; more can be typed. */
function knownModels(): string[] {
  const names = feed.agents.value.flatMap((agent) => agent.loaded);
  return [...new Set(names)].sort();
}
