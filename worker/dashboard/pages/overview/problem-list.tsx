import { computed } from "@preact/signals";
import { feed } from "../../lib/feed.ts";
import { fmt } from "../../lib/fmt.ts";
import { hrefOf } from "../../lib/router.ts";
import { overviewText } from "../../text/overview/index.ts";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Name } from "../../ui/name.tsx";
import { type Problem, problemsOf } from "./problems.ts";

const MOST_NAMES = 3;

const problems = computed(() => problemsOf(feed.agents.value, feed.now.value, feed.pairings.value));

/** What is wrong, each with where to go. */
export function ProblemList() {
  const t = overviewText.value.problems;
  if (problems.value.length === 0) {
    // Without a connection nobody knows.
    if (feed.connection.value.state === "lost") return null;
    return (
      <p class="all-well">
        <Icon name="check" /> {t.none}
      </p>
    );
  }
  return (
    <section class="problems" aria-label={t.title}>
      <ul>
        {problems.value.map((problem) => (
          <li key={problem.kind} class={`problem problem-${problem.severity}`}>
            <Icon name={problem.severity === "info" ? "info" : "warning"} />
            <span class="grow problem-text">
              <span>{sentence(problem)}</span>
              {"names" in problem && <Names names={problem.names} />}
            </span>
            <Button size="sm" href={target(problem)} label={`${verb(problem)}: ${sentence(problem)}`}>
              {verb(problem)}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Names({ names }: { names: readonly string[] }) {
  const t = overviewText.value.problems;
  return (
    <span class="problem-names">
      {names.slice(0, MOST_NAMES).map((name, at) => (
        <Name key={`${at} ${name}`} value={name} />
      ))}
      {names.length > MOST_NAMES && <span>{t.andMore(fmt.count(names.length - MOST_NAMES))}</span>}
    </span>
  );
}

function verb({ kind }: Problem): string {
  const t = overviewText.value.problems;
  return kind === "pairing" ? t.review : t.show;
}

function sentence(problem: Problem): string {
  const t = overviewText.value.problems;
  const now = feed.now.value;
  switch (problem.kind) {
    case "pairing":
    case "offline":
    case "absent":
    case "hung":
    case "breaker":
      return t[problem.kind](problem.names.length);
    case "nobody":
    case "queueFull":
      return t[problem.kind];
    case "queue":
      return t.queue(fmt.count(now.waiting), fmt.count(now.queue_max));
    case "outbox":
      return t.outbox(fmt.count(now.outbox));
    case "errors":
      return t.errors(fmt.share(now.error_rate));
  }
}

function target({ kind }: Problem): string {
  switch (kind) {
    case "queue":
    case "queueFull":
    case "errors":
      return hrefOf("/requests");
    case "outbox":
      return hrefOf("/events");
    case "offline":
      return hrefOf("/machines", { state: "offline" });
    case "absent":
    case "hung":
      return hrefOf("/machines", { state: "problem" });
    case "nobody":
    case "breaker":
    case "pairing":
      return hrefOf("/machines");
  }
}
