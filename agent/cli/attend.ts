import type { Logger } from "pino";
import { textOf } from "../core/network-error.ts";
import type { ProgramApi } from "../program/program-api.ts";
import type { AgentStatus, Question } from "../program/status.ts";
import type { Ask } from "./ollama/consent.ts";
import { jobView } from "./ollama/job-view.ts";
import { bytesText } from "./view/units.ts";

/** Tells in the log how jobs go, and puts questions to whoever sits at the terminal; ended by the function returned. */
export function attend(
  api: ProgramApi,
  { log, ask, showProgress }: { log: Logger; ask: Ask; showProgress: boolean },
): () => void {
  const jobs = jobView(
    {
      isTTY: false,
      columns: undefined,
      rows: undefined,
      onResize: () => () => {},
      write: (text) => log.info(text.trimEnd()),
    },
    false,
  );
  let asked = "";
  let gone = new AbortController();
  const put = async (question: Question, over: AbortSignal): Promise<void> => {
    if (ask === undefined) {
      log.warn(`${questionText(question)} ${howToAnswer(question)}`);
      return;
    }
    const yes = await ask(questionText(question), over);
    if (yes === undefined) {
      if (!over.aborted) log.warn(howToAnswer(question));
      return;
    }
    // Between the question and the answer it may have become another one.
    const result = await api.perform({ type: "answer", yes, to: question.kind });
    if (!result.ok) log.warn(result.error);
  };
  const look = ({ job, question }: AgentStatus): void => {
    if (job !== null) jobs.show(showProgress ? job : { ...job, progress: null });
    const text = question === null ? "" : questionText(question);
    if (text === asked) return;
    asked = text;
    // Somebody else has answered it, or it has answered itself.
    gone.abort();
    gone = new AbortController();
    if (question === null) return;
    put(question, gone.signal).catch((error: unknown) => log.warn(`cannot ask: ${textOf(error)}`));
  };
  const end = api.subscribe(look);
  look(api.status());
  return () => {
    end();
    gone.abort();
    jobs.close();
  };
}

function questionText(question: Question): string {
  switch (question.kind) {
    case "install": {
      const { version, download_bytes: bytes, directory } = question;
      const size = bytes === null ? "" : ` (${bytesText(bytes)} to download)`;
      return `There is no Ollama on this machine. Install ${version === "" ? "the newest release" : version}${size} in ${directory}?`;
    }
    case "start":
      return `Ollama ${question.version} is installed (${question.binary}) and does not run. Shall this program run it?`;
    case "pull":
      return `Ollama has no models. Pull ${question.model} (${bytesText(question.download_bytes)} to download), which suits this machine?`;
  }
}

function howToAnswer({ kind }: Question): string {
  switch (kind) {
    case "install":
      return "`agent ollama install --yes` does it.";
    case "start":
      return "Start it yourself, or start this agent with --yes.";
    case "pull":
      return "`ollama pull`, or the coordinator's /api/pull where --allow-manage is on, does it.";
  }
}
