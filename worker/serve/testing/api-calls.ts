import fc from "fast-check";

/** As much of JSON Schema as the description uses. */
interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
}

export interface ApiDocument {
  paths: Record<
    string,
    Record<
      string,
      {
        operationId?: string;
        security?: Record<string, string[]>[];
        parameters?: { name: string; in: string; schema: Schema }[];
        requestBody?: { content: Record<string, { schema: Schema }> };
      }
    >
  >;
  components: { schemas: Record<string, Schema> };
}

export interface ApiCall {
  operation: string;
  method: string;
  path: string;
  query: [string, string][];
  headers: Record<string, string>;
  body: string | undefined;
}

/** What has broken parsers before: half a surrogate, marks that turn the text around, a name of every object, sizes. */
const ODD_TEXTS = [
  "",
  " ",
  "\u0000",
  "\ud800",
  "\u202e",
  "İ",
  "ﬃ",
  "👩‍👩‍👧",
  "__proto__",
  "constructor",
  "%00",
  "%",
  "..",
  "../..",
  "'; DROP TABLE keys; --",
  "<script>",
  "null",
  "NaN",
  "-0",
  "1e999",
  "2026-02-30T00:00:00Z",
  "+275760-09-13T00:00:00.001Z",
  "x".repeat(5_000),
];
const oddText = fc.oneof(fc.constantFrom(...ODD_TEXTS), fc.string({ unit: "binary", maxLength: 30 }));
const oddNumber = fc.constantFrom(
  -1,
  0,
  0.5,
  1e308,
  -1e308,
  2 ** 53,
  2 ** 31,
  4_294_967_296,
  1e21,
  Number.MIN_VALUE,
);
const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  oddText,
  oddNumber,
  fc.constantFrom<unknown[]>(null, true, [], {}, [[]], [null], { a: {} }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** For fields that have a pattern. */
const FITTING = [
  "m",
  "tower",
  "A b-c_d.e",
  "日本語",
  "hf.co/x/y:q4",
  "200",
  "5xx",
  "60",
  "3600",
  "0",
  `a${"b".repeat(99)}`,
];

/** What there is, and what opens what. */
export interface KnownThings {
  /** By the part of the path behind which they stand. */
  readonly ids: Readonly<Record<string, string>>;
  /** By the name of the security scheme. */
  readonly tokens: Readonly<Record<string, string>>;
  /** What the machine that waits shows. */
  readonly code: string;
}

/** Calls of every operation in the description: most of them as it asks for, some not. */
export function apiCalls(document: ApiDocument, known: KnownThings): fc.Arbitrary<ApiCall> {
  const values = new Values(document, known);
  const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { operationId = "", security = [], parameters = [], requestBody }]) => {
        const schema = requestBody?.content["application/json"]?.schema;
        return fc.record({
          operation: fc.constant(operationId),
          method: fc.constant(method.toUpperCase()),
          path: pathOf(path, known),
          query: queryOf(
            parameters.filter((one) => one.in === "query"),
            values,
          ),
          headers: headersOf(
            security.flatMap((scheme) => Object.keys(scheme)),
            known,
            schema !== undefined,
          ),
          body: schema === undefined ? fc.constant(undefined) : bodyOf(schema, values),
        });
      },
    ),
  );
  return fc.oneof(...calls);
}

function pathOf(template: string, { ids }: KnownThings): fc.Arbitrary<string> {
  if (!template.includes("{")) return fc.constant(template);
  const meant = template.includes("{name}")
    ? ["m", "hf.co%2Fx%2Fy:q4", "hf.co/x/y", "none"]
    : Object.entries(ids)
        .filter(([what]) => template.includes(`/${what}/`))
        .map(([, id]) => id);
  const segment = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...meant) },
    { weight: 1, arbitrary: fc.constantFrom(...Object.values(ids)) },
    {
      weight: 1,
      arbitrary: oddText.map((text) => encodeURIComponent(text.toWellFormed()).slice(0, 3_000) || "x"),
    },
  );
  return segment.map((text) => template.replace(/\{\w+\}/, text));
}

function queryOf(
  parameters: { name: string; schema: Schema }[],
  values: Values,
): fc.Arbitrary<[string, string][]> {
  if (parameters.length === 0) return fc.constant([]);
  const right = parameters.map(({ name, schema }) =>
    fc.tuple(fc.constant(name), values.of(schema).map(String)),
  );
  const wrong = fc.tuple(
    fc.constantFrom(...parameters.map(({ name }) => name), "unknown", "__proto__"),
    fc.oneof(oddText, oddNumber.map(String)),
  );
  const pair = fc.oneof({ weight: 6, arbitrary: fc.oneof(...right) }, { weight: 1, arbitrary: wrong });
  return fc.array(pair, { maxLength: 4 });
}

function headersOf(
  schemes: readonly string[],
  { tokens }: KnownThings,
  hasBody: boolean,
): fc.Arbitrary<Record<string, string>> {
  const bearer = (token: string): string => `Bearer ${token}`;
  const meant = schemes.flatMap((scheme) => tokens[scheme] ?? []);
  const authorization = fc.oneof(
    { weight: 12, arbitrary: meant.length === 0 ? fc.constant("") : fc.constantFrom(...meant.map(bearer)) },
    { weight: 1, arbitrary: fc.constantFrom(...Object.values(tokens).map(bearer)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("", "Bearer", "Basic YTpi", bearer("x".repeat(9_000)), "Bearer \xff"),
    },
  );
  const type = fc.oneof(
    { weight: 9, arbitrary: fc.constant(hasBody ? "application/json" : "") },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "text/plain",
        ";",
        "application/json; charset=utf-16",
        "multipart/form-data",
      ),
    },
  );
  const extra = fc.constantFrom<Record<string, string>>(
    {},
    {},
    { cookie: "session=x; =; __proto__=1" },
    { origin: "https://evil.example", "x-csrf-token": "x" },
    { "content-length": "999999999" },
    { "x-forwarded-for": "'", accept: "image/png", range: "bytes=0-" },
  );
  return fc.tuple(authorization, type, extra).map(([token, content, more]) => ({
    ...(token === "" ? {} : { authorization: token }),
    ...(content === "" ? {} : { "content-type": content }),
    ...more,
  }));
}

function bodyOf(schema: Schema, values: Values): fc.Arbitrary<string> {
  const right = values.of(schema);
  const spoiled = fc
    .tuple(
      right,
      fc.oneof(fc.constantFrom(...values.fieldsOf(schema), "unknown", "__proto__"), oddText),
      oddValue,
    )
    .map(([value, name, odd]) =>
      typeof value === "object" && value !== null
        ? JSON.stringify(Object.fromEntries([...Object.entries(value), [name, odd]]))
        : JSON.stringify(odd),
    );
  return fc.oneof(
    { weight: 6, arbitrary: right.map((value) => JSON.stringify(value)) },
    { weight: 4, arbitrary: spoiled },
    { weight: 1, arbitrary: oddValue.map((value) => JSON.stringify(value)) },
    {
      weight: 1,
      arbitrary: fc.oneof(
        oddText,
        fc.constantFrom(
          "{",
          '{"name":1e999}',
          `${"[".repeat(20_000)}`,
          `{"note":"${"x".repeat(300_000)}"}`,
          "\ufeff{}",
        ),
      ),
    },
  );
}

/** Values that a schema allows, and now and then one that only just does or does not. */
class Values {
  readonly #document: ApiDocument;
  readonly #ids: readonly string[];
  readonly #code: string;

  constructor(document: ApiDocument, { ids, code }: KnownThings) {
    this.#document = document;
    this.#ids = Object.values(ids);
    this.#code = code;
  }

  #resolved(schema: Schema): Schema {
    const name = schema.$ref?.split("/").at(-1);
    return name === undefined ? schema : (this.#document.components.schemas[name] ?? {});
  }

  fieldsOf(schema: Schema): string[] {
    return Object.keys(this.#resolved(schema).properties ?? {});
  }

  of(given: Schema): fc.Arbitrary<unknown> {
    const schema = this.#resolved(given);
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices !== undefined) return fc.oneof(...choices.map((one) => this.of(one)));
    const types = Array.isArray(schema.type) ? schema.type : [schema.type];
    return fc.oneof(...types.map((type) => this.#ofType(type, schema)));
  }

  #ofType(type: string | undefined, schema: Schema): fc.Arbitrary<unknown> {
    switch (type) {
      case "object":
        return this.#object(schema);
      case "array": {
        const { items = {}, minItems = 0, maxItems = 3 } = schema;
        return fc.array(this.of(items), {
          minLength: minItems,
          maxLength: Math.max(minItems, Math.min(3, maxItems)),
        });
      }
      case "string":
        return this.#string(schema);
      case "integer":
      case "number":
        return number(schema, type === "integer");
      case "boolean":
        return fc.boolean();
      case "null":
        return fc.constant(null);
      default:
        return fc.jsonValue({ maxDepth: 2 });
    }
  }

  #object({ properties = {}, required = [], additionalProperties }: Schema): fc.Arbitrary<unknown> {
    const fields = Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [
        name,
        name === "code" ? fc.oneof(fc.constant(this.#code), this.of(schema)) : this.of(schema),
      ]),
    );
    const named = fc.record(fields, { requiredKeys: required });
    if (typeof additionalProperties !== "object") return named;
    const names = fc.constantFrom("m", "gpt-4", "hf.co/x/y:q4", "__proto__", "a b");
    return fc.dictionary(names, this.of(additionalProperties), { maxKeys: 2 });
  }

  #string({ format, pattern, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
    if (format === "uuid") {
      const [agent = ""] = this.#ids;
      return fc.oneof({ weight: 3, arbitrary: fc.constant(agent) }, fc.constantFrom(...this.#ids), fc.uuid());
    }
    if (format === "date-time") {
      return fc.constantFrom(
        "2026-01-31T12:00:00Z",
        "2099-01-01T00:00:00.000Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
      );
    }
    if (format === "ip") return fc.constantFrom("192.0.2.1", "::1");
    if (pattern !== undefined) {
      // Not made from the pattern: to list all letters of Unicode takes seconds.
      const fits = new RegExp(pattern, "u");
      return fc.constantFrom(...FITTING.filter((text) => fits.test(text) && text.length <= maxLength));
    }
    const some = fc.string({
      minLength,
      maxLength: Math.max(minLength, Math.min(40, maxLength)),
      unit: "grapheme",
    });
    return fc.oneof(
      { weight: 5, arbitrary: some },
      fc.constantFrom("m", "*", "x".repeat(Math.min(maxLength, 1_000))),
    );
  }
}

function number({ minimum, maximum }: Schema, integer: boolean): fc.Arbitrary<number> {
  const low = minimum ?? 0;
  const high = maximum ?? Math.max(low, 2 ** 53 - 1);
  const bounds = fc.constantFrom(low, high, low + 1 > high ? low : low + 1);
  return fc.oneof(
    bounds,
    integer
      ? fc.integer({ min: Math.ceil(low), max: high })
      : fc.double({ min: low, max: high, noNaN: true }),
  );
}
