import { z } from "zod";
import { parseJson } from "../../core/answer.ts";
import { networkFailure } from "../../core/network-error.ts";
import type { Answer } from "./ask.ts";
import { broken, ok, type Result, warning } from "./finding.ts";

const health = z.object({ status: z.enum(["ok", "degraded"]) });

/** Whether what answers there is a coordinator. */
export function judgeCoordinator(answer: Answer, url: URL): Result {
  const { status, headers, body } = answer;
  const said = health.safeParse(parseJson(body));
  if (said.success) {
    return said.data.status === "ok"
      ? ok(`${url.href} says that all is well`)
      : warning(
          "it is a coordinator whose history database does not answer",
          "requests are served; whoever runs the coordinator should look at its log",
        );
  }
  if (status >= 300 && status < 400) {
    return broken(
      `${url.href} redirects to ${headers.location ?? "nowhere"} (HTTP ${status})`,
      "use the address that it redirects to as coordinator URL, if it is not a page to sign in at",
    );
  }
  return broken(
    `${url.href} answers HTTP ${status} (${headers["content-type"] ?? "no content type"}), which a coordinator does not`,
    status >= 500
      ? "something in front of the coordinator answers in its place: check that the coordinator itself runs"
      : "check the coordinator URL, with its port and its path",
  );
}

export function noCoordinator(error: unknown, url: URL, via: string | undefined): Result {
  return broken(
    networkFailure(error, url, via).message,
    "check that what answers at the coordinator URL is a coordinator",
  );
}
