import { useComputed } from "@preact/signals";
import type { FeedPull } from "../../../../../shared/api/feed.ts";
import { canonicalName } from "../../../../../shared/lib/model-name.ts";
import { feed } from "../../../lib/feed.ts";
import { fmt } from "../../../lib/fmt.ts";
import { hrefOf } from "../../../lib/router.ts";
import { modelsText } from "../../../text/models/index.ts";
import { Badge } from "../../../ui/badge.tsx";
import { Button, IconButton } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Name } from "../../../ui/name.tsx";
import { ProgressBar } from "../../../ui/progress.tsx";
import { forgetPull, type PullJob, pullJobs, startPull, stopPull } from "./pull-jobs.ts";
import { shareOf } from "./pull-progress.ts";

/** Pulls under way, and those started here that have ended; nothing when there is none. @param model only of this one */
export function PullsCard({ model }: { model?: string }) {
  const t = modelsText.value.pull;
  const mine = (name: string): boolean => model === undefined || canonicalName(name) === canonicalName(model);
  const jobs = useComputed(() => pullJobs.value.filter((job) => mine(job.model)));
  const placed = useComputed(() => feed.pulls.value.filter((pull) => mine(pull.model)));
  if (jobs.value.length + placed.value.length === 0) return null;
  return (
    <Card title={t.jobs}>
      <ul class="models-pulls">
        {jobs.value.map((job) => (
          <Job key={job.id} job={job} />
        ))}
        {placed.value.map((pull) => (
          <Placed key={`${pull.agent_id} ${pull.model}`} pull={pull} />
        ))}
      </ul>
    </Card>
  );
}

function Title({ model, agentId, agentName }: { model: string; agentId: string; agentName: string }) {
  return (
    <span class="models-pull-title">
      <a href={hrefOf("/models", { model })}>
        <Name value={model} strong />
      </a>
      <span class="muted">{modelsText.value.pull.to}</span>
      <a href={hrefOf(`/machines/${agentId}`)}>
        <Name value={agentName} />
      </a>
    </span>
  );
}

function Amount({ completed, total }: { completed: number | null; total: number | null }) {
  if (total === null || total === 0) return null;
  return (
    <span class="num small">{modelsText.value.pull.of(fmt.bytes(completed ?? 0), fmt.bytes(total))}</span>
  );
}

const TONES = { running: "accent", done: "ok", failed: "bad", stopped: "warn" } as const;

function Job({ job }: { job: PullJob }) {
  const t = modelsText.value.pull;
  const { state, progress } = job;
  const label = t.progress(harmless(job.model), harmless(job.agentName));
  return (
    <li class="models-pull">
      <div class="row row-between">
        <Title model={job.model} agentId={job.agentId} agentName={job.agentName} />
        <span class="row">
          {state !== "running" && <Badge tone={TONES[state]}>{t.state[state]}</Badge>}
          <Amount completed={progress.completed} total={progress.total} />
          {state === "running" && (
            <Button size="sm" icon="stop" label={`${t.stop}: ${label}`} onClick={() => stopPull(job.id)}>
              {t.stop}
            </Button>
          )}
          {(state === "failed" || state === "stopped") && (
            <Button
              size="sm"
              icon="refresh"
              label={`${t.again}: ${label}`}
              onClick={() => startPull(job.model, { id: job.agentId, name: job.agentName })}
              changes
            >
              {t.again}
            </Button>
          )}
          {state !== "running" && (
            <IconButton
              size="sm"
              icon="close"
              label={`${t.dismiss}: ${label}`}
              onClick={() => forgetPull(job.id)}
            />
          )}
        </span>
      </div>
      <ProgressBar
        value={state === "done" ? 1 : state === "running" ? shareOf(progress) : (shareOf(progress) ?? 0)}
        tone={TONES[state]}
        label={label}
      />
      <span class="muted small wrap-anywhere" role="status">
        {state === "failed"
          ? t.failed(problemOf(job))
          : state === "running" && (progress.status === "" ? t.waiting : harmless(progress.status))}
      </span>
    </li>
  );
}

function problemOf({ problem }: PullJob): string {
  const t = modelsText.value.pull;
  if (problem === undefined) return t.brokeOff;
  return problem === "" ? t.unreachable : harmless(problem);
}

function Placed({ pull }: { pull: FeedPull }) {
  const t = modelsText.value.pull;
  return (
    <li class="models-pull">
      <div class="row row-between">
        <Title model={pull.model} agentId={pull.agent_id} agentName={pull.agent_name} />
        <span class="row">
          <Badge tone="info">{t.byPlacement}</Badge>
          <Amount completed={pull.completed} total={pull.total} />
        </span>
      </div>
      <ProgressBar
        value={shareOf(pull)}
        label={t.progress(harmless(pull.model), harmless(pull.agent_name))}
      />
      <span class="muted small wrap-anywhere">{harmless(pull.status)}</span>
    </li>
  );
}
