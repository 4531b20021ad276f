import { fmt } from "../../lib/fmt.ts";
import { memo } from "../../lib/memo.ts";
import { hrefOf } from "../../lib/router.ts";
import { playgroundText } from "../../text/playground/index.ts";
import { CopyButton } from "../../ui/copy.tsx";
import { harmless } from "../../ui/harmless.ts";
import { Name } from "../../ui/name.tsx";
import { Notice, Spinner } from "../../ui/states.tsx";
import { AnswerText } from "./answer-text.tsx";
import { type Answer, isRunning, measuresOf } from "./lib/conversation.ts";
import { problemText } from "./words.ts";

/** The dialects' names for an answer that came to its limit. */
const LIMITED = new Set(["length", "max_tokens"]);

/** One answer: what was thought, said and called, how it ended, and what it cost. */
export const AnswerView = memo(function AnswerView({ answer }: { answer: Answer }) {
  const t = playgroundText.value.answer;
  const { state, thinking, text, tools } = answer;
  const isOver = !isRunning(answer);
  const isEmpty = thinking === "" && text === "" && tools.length === 0;
  return (
    <section class="pg-answer" aria-busy={!isOver}>
      <h3 class="pg-who">
        <Name value={answer.explained?.model ?? answer.model} mono />
        {answer.agent !== undefined && (
          <>
            <span aria-hidden="true">·</span> <Name value={answer.agent} />
          </>
        )}
      </h3>
      {thinking !== "" && (
        <details class="pg-thinking">
          <summary>{text === "" && !isOver ? t.thinking : t.thought}</summary>
          <div class="pg-plain muted" dir="auto">
            {thinking}
          </div>
        </details>
      )}
      {text !== "" &&
        (answer.json ? (
          <pre dir="ltr" class="pg-plain" tabIndex={0}>
            {text}
          </pre>
        ) : (
          <AnswerText text={text} complete={isOver} />
        ))}
      {tools.map((tool, at) => (
        <details key={at} class="pg-thinking" open>
          <summary>{t.tool(harmless(tool.name, 80))}</summary>
          <pre dir="ltr" class="pg-plain" tabIndex={0}>
            {tool.text}
          </pre>
        </details>
      ))}
      <Waiting answer={answer} />
      {state.kind === "done" && isEmpty && <p class="muted">{t.nothing}</p>}
      {state.kind === "done" && LIMITED.has(state.reason ?? "") && <Notice tone="warn">{t.limit}</Notice>}
      {state.kind === "stopped" && <p class="muted small">{t.stopped}</p>}
      {state.kind === "failed" && (
        <Notice tone="bad">{problemText(state.problem, playgroundText.value.failure)}</Notice>
      )}
      <Measures answer={answer} />
      {isOver && text !== "" && (
        <div class="row">
          <CopyButton text={text} size="sm" label={playgroundText.value.action.copyAnswer} />
        </div>
      )}
    </section>
  );
});

function Waiting({ answer: { state } }: { answer: Answer }) {
  const t = playgroundText.value.answer;
  if (state.kind !== "waiting") return null;
  const { position, estimateMs } = state;
  if (position === undefined) return <Spinner label={t.waiting} />;
  const label =
    estimateMs === undefined ? t.queued(position) : t.queuedFor(position, fmt.duration(estimateMs));
  return <Spinner label={label} />;
}

function Measures({ answer }: { answer: Answer }) {
  const t = playgroundText.value.answer;
  const { tokensPerS, firstTokenMs, totalMs, tokens, loadMs } = measuresOf(answer);
  const { agent, reason, attempts, queueMs, requestId } = answer.explained ?? {};
  const isOver = !isRunning(answer);
  const facts = [
    tokensPerS === undefined ? undefined : t.tokensPerS(fmt.decimal(tokensPerS)),
    firstTokenMs === undefined ? undefined : t.firstToken(fmt.duration(firstTokenMs)),
    isOver && totalMs !== undefined ? t.total(fmt.duration(totalMs)) : undefined,
    tokens === undefined ? undefined : t.tokens(fmt.count(tokens)),
    queueMs === undefined ? undefined : t.queue(fmt.duration(queueMs)),
    loadMs === undefined || loadMs < 1_000 ? undefined : t.load(fmt.duration(loadMs)),
    attempts === undefined || attempts < 2 ? undefined : t.attempts(fmt.count(attempts)),
  ].filter((fact) => fact !== undefined);
  if (facts.length === 0 && agent === undefined) return null;
  return (
    <ul class="pg-facts">
      {facts.map((fact) => (
        <li key={fact}>{fact}</li>
      ))}
      {agent !== undefined && (
        <li>
          {t.by} <Name value={agent} /> {reason !== undefined && <Reason of={reason} />}
        </li>
      )}
      {isOver && requestId !== undefined && (
        <li>
          <a href={hrefOf(`/requests/${encodeURIComponent(requestId)}`)} title={t.requestHint}>
            {t.request}
          </a>
        </li>
      )}
    </ul>
  );
}

/** The coordinator's own word, explained. */
function Reason({ of }: { of: string }) {
  const { reasons } = playgroundText.value;
  const meaning = Object.hasOwn(reasons, of) ? reasons[of] : undefined;
  return (
    <span class="muted" title={meaning}>
      ({harmless(of, 40)})
    </span>
  );
}
