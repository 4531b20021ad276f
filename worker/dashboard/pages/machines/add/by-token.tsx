import { useSignal } from "@preact/signals";
import type { JoinTokenCreated } from "../../../../../shared/api/keys.ts";
import { call } from "../../../lib/api.ts";
import { type ApiError, asApiError } from "../../../lib/api-error.ts";
import { fmt } from "../../../lib/fmt.ts";
import { machinesText } from "../../../text/machines/index.ts";
import { Button } from "../../../ui/button.tsx";
import { CopyField } from "../../../ui/copy.tsx";
import { NumberInput, Select, TextInput } from "../../../ui/fields.tsx";
import { Notice, whatToDo } from "../../../ui/states.tsx";
import { CommandChoice } from "./command-choice.tsx";

const LIFETIMES = ["3600", "86400", "604800", "2592000"] as const;
type Lifetime = (typeof LIFETIMES)[number];

/** Makes a join token and shows, once, the command that carries it. */
export function ByToken({ onMade }: { onMade: () => void }) {
  const t = machinesText.value.add;
  const made = useSignal<JoinTokenCreated | undefined>(undefined);
  const token = made.value;
  if (token === undefined) {
    return (
      <TokenForm
        onMade={(value) => {
          made.value = value;
          onMade();
        }}
      />
    );
  }
  return (
    <div class="stack">
      <Notice tone="warn">{t.once}</Notice>
      <CommandChoice token={token.token} />
      <div class="stack stack-sm">
        <h3>{t.token_value}</h3>
        <CopyField value={token.token} label={t.token_value} />
      </div>
      <p class="muted small">
        {t.expires(fmt.dateTime(token.expires_at), token.max_uses)} {t.appears}
      </p>
      <div class="row">
        <Button icon="plus" onClick={() => (made.value = undefined)} changes>
          {t.another}
        </Button>
      </div>
    </div>
  );
}

function TokenForm({ onMade }: { onMade: (token: JoinTokenCreated) => void }) {
  const t = machinesText.value.add;
  const name = useSignal(t.defaultName);
  const lifetime = useSignal<Lifetime>("86400");
  const uses = useSignal<number | null>(1);
  const busy = useSignal(false);
  const failure = useSignal<ApiError | undefined>(undefined);
  const fields = failure.value?.fields ?? {};
  const make = async (): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    failure.value = undefined;
    const wished = name.value.trim();
    try {
      const body = {
        ...(wished === "" ? {} : { name: wished }),
        expires_in_s: Number(lifetime.value),
        max_uses: uses.value ?? 1,
      };
      onMade(await call("POST /api/admin/join-tokens", { body }));
    } catch (error) {
      failure.value = asApiError(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <p>{t.tokenIntro}</p>
      <div class="machines-choice">
        <TextInput
          label={t.name}
          hint={t.nameHint}
          value={name.value}
          onInput={(value) => (name.value = value)}
          maxLength={100}
          error={fields.name}
          changes
        />
        <Select
          label={t.lifetime}
          value={lifetime.value}
          options={LIFETIMES.map((value) => ({ value, label: t.lifetimes[value] }))}
          onChange={(value) => (lifetime.value = value)}
          error={fields.expires_in_s}
          changes
        />
        <NumberInput
          label={t.uses}
          value={uses.value}
          onInput={(value) => (uses.value = value)}
          min={1}
          max={100_000}
          step={1}
          error={fields.max_uses}
          changes
        />
      </div>
      {failure.value !== undefined && Object.keys(fields).length === 0 && (
        <Notice tone="bad" alert>
          {whatToDo(failure.value)}
        </Notice>
      )}
      <div class="row">
        <Button type="submit" kind="primary" busy={busy.value} changes>
          {t.make}
        </Button>
      </div>
    </form>
  );
}
