/** What went wrong with a call, in the words of the coordinator. `status` 0: it could not be reached. */
export class ApiError extends Error {
  readonly status: number;
  /** The API's code, or `unreachable`. */
  readonly code: string;
  /** Fault by field, for forms. */
  readonly fields: Readonly<Record<string, string>>;
  /** When to come again, seconds. */
  readonly retryAfterS: number | undefined;

  constructor(options: {
    status: number;
    code: string;
    message: string;
    fields?: Readonly<Record<string, string>> | undefined;
    retryAfterS?: number | undefined;
  }) {
    super(options.message);
    this.name = "ApiError";
    this.status = options.status;
    this.code = options.code;
    this.fields = options.fields ?? {};
    this.retryAfterS = options.retryAfterS;
  }
}

/** Anything thrown, as one kind of error. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ApiError({ status: 0, code: "unreachable", message });
}

/** The error that an answer tells of; a proxy in between may have answered with anything. */
export async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => "");
  const retry = Number(response.headers.get("retry-after") ?? "");
  const found: { error?: unknown; code?: unknown; fields?: unknown } = parsed(text);
  return new ApiError({
    status: response.status,
    code: typeof found.code === "string" ? found.code : `http_${response.status}`,
    message: typeof found.error === "string" ? found.error : text.slice(0, 200) || response.statusText,
    fields: fieldsOf(found.fields),
    retryAfterS: Number.isFinite(retry) && retry > 0 ? retry : undefined,
  });
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

function fieldsOf(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}
