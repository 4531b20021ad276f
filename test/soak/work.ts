import { ask } from "../support/ask.ts";

/** How the requests of a run ended. */
export interface Ends {
  whole: number;
  /** Refused as they had to be. */
  refused: number;
  /** The client went away in the middle. */
  left: number;
  /** A connection was cut, and the answer with it: said so, and never silently short. */
  broken: number;
}

export const noEnds = (): Ends => ({ whole: 0, refused: 0, left: 0, broken: 0 });

const LONG = "a long conversation ".repeat(5_000);

/** The `at`-th request of a run: most are short answers, and of everything else there is some. */
export async function oneRequest(url: string, key: string, at: number, ends: Ends): Promise<void> {
  const to = { url, key };
  const generate = (body: object) =>
    ask({ ...to, path: "/api/generate", body: { model: "tiny", prompt: "x", ...body } });
  if (at % 25 === 0) {
    const { status } = await ask({ ...to, path: "/api/chat", body: { model: "nowhere", messages: [] } })
      .answer;
    if (status !== 404) throw new Error(`a model that no machine has was answered with ${status}`);
    ends.refused++;
    return;
  }
  if (at % 10 === 1) {
    const asked = generate({ options: { num_predict: 200, stand_in: { token_delay_ms: 5 } } });
    await asked.received(1);
    asked.leave();
    await asked.answer;
    ends.left++;
    return;
  }
  const asked =
    at % 20 === 2
      ? generate({ prompt: LONG, stream: false })
      : at % 3 === 0
        ? ask({
            ...to,
            path: "/v1/chat/completions",
            body: { model: "tiny", messages: [{ role: "user", content: `${at}` }], stream: true },
          })
        : generate({ stream: at % 2 === 0, options: { num_predict: 4 } });
  const { status, end, text } = await asked.answer;
  if (status === 200 && end === "complete" && !text.includes('"error"')) ends.whole++;
  else ends.broken++;
}
