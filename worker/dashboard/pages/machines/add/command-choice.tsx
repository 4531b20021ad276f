import { useSignal } from "@preact/signals";
import { machinesText } from "../../../text/machines/index.ts";
import { CopyField } from "../../../ui/copy.tsx";
import { Select } from "../../../ui/fields.tsx";
import { Notice } from "../../../ui/states.tsx";
import { joinCommand, likelySystem, type Program, SYSTEMS, type System } from "../join-commands.ts";

/** The command for the machine, by its system and the program that is there. */
export function CommandChoice({ token }: { token?: string }) {
  const t = machinesText.value.add;
  const system = useSignal<System>(likelySystem(navigator.userAgent));
  const program = useSignal<Program>("clone");
  const command = joinCommand({
    system: system.value,
    program: program.value,
    url: location.origin,
    ...(token === undefined ? {} : { token }),
  });
  return (
    <div class="stack stack-sm machines-command">
      <h3>{t.run}</h3>
      <div class="machines-choice">
        <Select
          label={t.osLabel}
          value={system.value}
          options={SYSTEMS.map((value) => ({ value, label: t.os[value] }))}
          onChange={(value) => {
            system.value = value;
          }}
        />
        <Select
          label={t.formLabel}
          value={program.value}
          options={[
            { value: "clone" as Program, label: t.form.clone },
            { value: "release" as Program, label: t.form.release },
          ]}
          onChange={(value) => {
            program.value = value;
          }}
        />
      </div>
      {command === undefined ? (
        <Notice>{t.noMacRelease}</Notice>
      ) : (
        <>
          <CopyField value={command} label={t.command(t.os[system.value])} />
          <p class="muted small">{program.value === "clone" ? t.cloneHint : t.releaseHint}</p>
        </>
      )}
    </div>
  );
}
