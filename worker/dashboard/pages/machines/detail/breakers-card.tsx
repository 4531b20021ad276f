import type { BreakerView } from "../../../../../shared/api/agents.ts";
import { coordinatorNow } from "../../../lib/clock.ts";
import { fmt } from "../../../lib/fmt.ts";
import { relative } from "../../../lib/format.ts";
import { language } from "../../../lib/language.ts";
import { machinesText } from "../../../text/machines/index.ts";
import { Card } from "../../../ui/card.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Notice } from "../../../ui/states.tsx";

/** Models that have failed here; nothing where none has. */
export function BreakersCard({ breakers }: { breakers: readonly BreakerView[] }) {
  const t = machinesText.value.breakers;
  if (breakers.length === 0) return null;
  return (
    <Card title={t.title}>
      <div class="stack stack-sm">
        {breakers.map((breaker) => (
          <Notice key={breaker.model} tone={breaker.state === "open" ? "bad" : "warn"}>
            <Words breaker={breaker} />
          </Notice>
        ))}
        <p class="muted small">{t.hint}</p>
      </div>
    </Card>
  );
}

function Words({ breaker }: { breaker: BreakerView }) {
  const t = machinesText.value.breakers;
  const model = harmless(breaker.model);
  if (breaker.state === "half_open") return <>{t.half(model)}</>;
  const failures = fmt.count(breaker.failures);
  if (breaker.state === "closed") return <>{t.closed(model, failures)}</>;
  const when =
    breaker.retry_at === null
      ? "–"
      : relative(language.value, Date.parse(breaker.retry_at), coordinatorNow());
  return <>{t.open(model, failures, when)}</>;
}
