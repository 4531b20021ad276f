import { playgroundText } from "../../text/playground/index.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Checkbox, NumberInput, Select, TextInput } from "../../ui/fields.tsx";
import { Notice } from "../../ui/states.tsx";
import { DEFAULTS, DIALECTS, type Parameters } from "./lib/chat.ts";
import { unsayable } from "./lib/chat-request.ts";
import { playground } from "./state.ts";

const THINKS = ["default", "on", "off"] as const;
type Thinks = (typeof THINKS)[number];

/** Everything about a request that is not its prompt. */
export function ParametersPanel({ id }: { id: string }) {
  const t = playgroundText.value.parameters;
  const parameters = playground.parameters.value;
  const dialect = playground.dialect.value;
  const set = (change: Partial<Parameters>): void => {
    playground.parameters.value = { ...parameters, ...change };
  };
  const dropped = unsayable(dialect, parameters);
  const thinks: Thinks = parameters.think === undefined ? "default" : parameters.think ? "on" : "off";
  return (
    <aside class="pg-parameters" id={id} aria-label={t.title}>
      <Card
        title={t.title}
        actions={
          <Button
            size="sm"
            kind="ghost"
            onClick={() => {
              playground.parameters.value = DEFAULTS;
            }}
          >
            {t.reset}
          </Button>
        }
      >
        <div class="stack">
          <p class="small muted">{t.hint}</p>
          <Select
            label={t.dialect}
            value={dialect}
            options={DIALECTS.map((value) => ({ value, label: t.dialects[value] }))}
            onChange={(value) => {
              playground.dialect.value = value;
            }}
          />
          {dropped.length > 0 && (
            <Notice tone="warn">{t.unsayable(dropped.map((name) => t.names[name]).join(", "))}</Notice>
          )}
          <TextInput
            label={t.system}
            value={parameters.system}
            rows={3}
            onInput={(system) => set({ system })}
          />
          <NumberInput
            label={t.temperature}
            hint={t.temperatureHint}
            value={parameters.temperature ?? null}
            min={0}
            max={2}
            step={0.1}
            onInput={(value) => set({ temperature: within(value, 0, 2) })}
          />
          <NumberInput
            label={t.topP}
            hint={t.topPHint}
            value={parameters.topP ?? null}
            min={0}
            max={1}
            step={0.05}
            onInput={(value) => set({ topP: within(value, 0, 1) })}
          />
          <NumberInput
            label={t.numCtx}
            hint={t.numCtxHint}
            unit={t.tokens}
            value={parameters.numCtx ?? null}
            min={1}
            step={1}
            onInput={(value) => set({ numCtx: whole(value, 1) })}
          />
          <NumberInput
            label={t.maxTokens}
            unit={t.tokens}
            value={parameters.maxTokens ?? null}
            min={1}
            step={1}
            onInput={(value) => set({ maxTokens: whole(value, 1) })}
          />
          <NumberInput
            label={t.seed}
            hint={t.seedHint}
            value={parameters.seed ?? null}
            min={0}
            step={1}
            onInput={(value) => set({ seed: whole(value, 0) })}
          />
          <Select
            label={t.think}
            value={thinks}
            options={THINKS.map((value) => ({ value, label: t.thinks[value] }))}
            onChange={(value) => set({ think: value === "default" ? undefined : value === "on" })}
          />
          <Checkbox label={t.json} checked={parameters.json} onChange={(json) => set({ json })} />
        </div>
      </Card>
    </aside>
  );
}

const within = (value: number | null, least: number, most: number): number | undefined =>
  value === null ? undefined : Math.min(most, Math.max(least, value));

/** Larger numbers Ollama's 32 bits do not hold. */
const MOST = 2_147_483_647;

const whole = (value: number | null, least: number): number | undefined =>
  value === null ? undefined : Math.round(Math.min(MOST, Math.max(least, value)));
