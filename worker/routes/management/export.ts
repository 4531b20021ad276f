import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import {
  type RequestFilter,
  type RequestView,
  requestFilter,
  requestView,
} from "../../../shared/api/requests.ts";
import type { AppEnv, HistoryReader, RequestPage } from "../../host.ts";
import { csvLine } from "./csv.ts";
import { historyFailed, logAway } from "./history-away.ts";
import { errors, viewer, viewerSecurity } from "./route-parts.ts";

/** Requests read at once: all that is ever held. */
const PAGE = 500;

const COLUMNS = requestView.keyof().options;

const route = createRoute({
  method: "get",
  path: "/api/admin/requests/export",
  operationId: "exportRequests",
  summary: "All finished requests that the filters leave, newest first, as a file",
  tags: ["requests"],
  security: viewerSecurity,
  middleware: viewer,
  request: { query: requestFilter.extend({ format: z.enum(["csv", "ndjson"]).default("csv") }) },
  responses: {
    200: {
      description:
        "The file. When the history fails in the middle, the connection is reset: what came until then is not all",
      content: { "text/csv": { schema: z.string() }, "application/x-ndjson": { schema: z.string() } },
    },
    ...errors(400, 401, 503),
  },
});

const FORMATS = {
  csv: { type: "text/csv; charset=utf-8", head: csvLine(COLUMNS), line: csvOf },
  ndjson: { type: "application/x-ndjson", head: "", line: (row: RequestView) => `${JSON.stringify(row)}\n` },
};

export function requestsExport(app: OpenAPIHono<AppEnv>): void {
  app.openapi(route, async (c) => {
    const { format, ...filter } = c.req.valid("query");
    const { history } = c.get("host");
    let first: RequestPage;
    try {
      first = await history.list(filter, { limit: PAGE });
    } catch (error) {
      return historyFailed(c, error);
    }
    const { type, head, line } = FORMATS[format];
    const day = new Date().toISOString().slice(0, 10);
    c.header("content-type", type);
    c.header("content-disposition", `attachment; filename="requests-${day}.${format}"`);
    return c.body(stream(history, filter, first, head, line));
  });
}

/** Reads the next page when the last one has left. A page that fails ends the stream with an error, not as if it were all. */
function stream(
  history: HistoryReader,
  filter: RequestFilter,
  first: RequestPage,
  head: string,
  line: (row: RequestView) => string,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let page: RequestPage | undefined = first;
  let begun = false;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (begun && page !== undefined) {
          const cursor: string | null = page.next_cursor;
          page = cursor === null ? undefined : await next(history, filter, cursor);
        }
        if (page === undefined) return controller.close();
        const text = (begun ? "" : head) + page.items.map(line).join("");
        begun = true;
        if (text === "") controller.close();
        else controller.enqueue(encoder.encode(text));
      },
    },
    { highWaterMark: 0 },
  );
}

async function next(history: HistoryReader, filter: RequestFilter, cursor: string): Promise<RequestPage> {
  try {
    return await history.list(filter, { limit: PAGE, cursor });
  } catch (error) {
    logAway(error);
    // Servers print what breaks a stream; the query with its values is in no log of theirs.
    throw new Error("an export was cut: the history went away in the middle of it");
  }
}

function csvOf(row: RequestView): string {
  return csvLine(COLUMNS.map((column) => row[column]));
}
