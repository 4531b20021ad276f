import type { AttemptView } from "../../../../../shared/api/requests.ts";
import { fmt } from "../../../lib/fmt.ts";
import { requestsText } from "../../../text/requests/index.ts";
import { cx } from "../../../ui/classes.ts";
import { harmless } from "../../../ui/harmless.ts";
import { machineName } from "../names.ts";
import { STEPS, ticks, type Waterfall } from "../waterfall.ts";

/** A lane for each attempt, its steps as bars on one axis. The table below says the same to those who do not see it. */
export function Timeline({
  waterfall: { lanes, total },
  tries,
  moving = false,
}: {
  waterfall: Waterfall;
  tries: readonly Pick<AttemptView, "agent_id" | "agent_name" | "error_code">[];
  /** It still runs: its right end is now. */
  moving?: boolean;
}) {
  const t = requestsText.value;
  const at = (ms: number): string => `${(ms / total) * 100}%`;
  const used = STEPS.filter((kind) => lanes.some((lane) => lane.steps.some((step) => step.kind === kind)));
  return (
    <figure class={cx("timeline", moving && "timeline-moving")}>
      <div class="timeline-rows" role="img" aria-label={t.detail.picture(fmt.duration(total))}>
        {lanes.map((lane, index) => {
          const one = lane.attempt === undefined ? undefined : tries[lane.attempt];
          const failed = one !== undefined && one.error_code !== null;
          return (
            <div key={index} class="timeline-row">
              <div class={cx("timeline-label", failed && "requests-bad")}>
                {one === undefined
                  ? t.detail.before
                  : harmless(machineName(one.agent_id, one.agent_name) ?? t.noMachine, 40)}
              </div>
              <div class="timeline-track">
                {lane.steps.map((step) => (
                  <span
                    key={step.kind}
                    class={`timeline-bar step-${step.kind}`}
                    style={{ left: at(step.from), width: at(step.to - step.from) }}
                    title={`${t.step[step.kind].name}: ${fmt.duration(step.to - step.from)}`}
                  />
                ))}
                {lane.firstByte !== null && (
                  <span
                    class="timeline-mark"
                    style={{ left: at(lane.firstByte) }}
                    title={`${t.firstToken}: ${fmt.duration(lane.firstByte)}`}
                  />
                )}
              </div>
            </div>
          );
        })}
        <div class="timeline-row timeline-axis">
          <div />
          <div class="timeline-track">
            {ticks(total).map((tick) => (
              <span
                key={tick}
                class={cx("timeline-tick", tick > total * 0.9 && "timeline-end")}
                style={{ left: at(tick) }}
              >
                {fmt.duration(tick)}
              </span>
            ))}
          </div>
        </div>
      </div>
      <figcaption class="timeline-legend">
        {used.map((kind) => (
          <span key={kind} title={t.step[kind].hint}>
            <span class={`timeline-swatch step-${kind}`} aria-hidden="true" />
            {t.step[kind].name}
          </span>
        ))}
        {lanes.some(({ firstByte }) => firstByte !== null) && (
          <span>
            <span class="timeline-swatch timeline-swatch-mark" aria-hidden="true" />
            {t.firstToken}
          </span>
        )}
      </figcaption>
    </figure>
  );
}
