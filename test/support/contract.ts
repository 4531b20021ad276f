import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";

/** An answer of the coordinator, and what was asked. */
export interface Exchange {
  method: string;
  /** Without the query. */
  path: string;
  status: number;
  /** Empty when there is none. */
  contentType: string;
  body: string;
}

interface Documented {
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

interface Description {
  paths: Record<string, Record<string, Documented>>;
  components: { schemas: Record<string, object> };
}

interface Operation {
  route: string;
  method: string;
  pattern: RegExp;
  /** By status, then by media type; a status without a body has no media types. */
  answers: Map<number, Map<string, object>>;
}

/** Everything below these is described by `/openapi.json`, or is not there. */
const DESCRIBED = /^(\/api\/(admin|agents|health)|\/healthz|\/metrics|\/openapi\.json)(\/|$)/;

/** Whether the description has to know of it. */
export const isDescribed = (path: string): boolean => DESCRIBED.test(path);

/** What `/openapi.json` promises, and whether an answer keeps it. */
export class Contract {
  readonly #operations: Operation[];
  readonly #validator: Ajv2020;
  readonly #compiled = new Map<object, ValidateFunction>();

  /** @param description the text of `/openapi.json` */
  constructor(description: string) {
    const { paths, components } = closed(JSON.parse(description) as Description);
    this.#validator = new Ajv2020({ strict: false, allErrors: true, schemas: [{ $id: "doc", components }] });
    formats.default(this.#validator);
    // What the generator writes for an IPv4 or IPv6 address.
    this.#validator.addFormat("ip", true);
    this.#operations = Object.entries(paths)
      // A path with fewer parameters is meant before one with more: `/api/agents/pairing` is no agent.
      .sort(([a], [b]) => a.split("{").length - b.split("{").length)
      .flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, { responses }]) => ({
          route: `${method.toUpperCase()} ${path}`,
          method: method.toUpperCase(),
          pattern: patternOf(path),
          answers: new Map(
            Object.entries(responses)
              .filter(([status]) => status !== "default")
              .map(([status, { content = {} }]) => [
                Number(status),
                new Map(Object.entries(content).map(([type, { schema }]) => [type, schema])),
              ]),
          ),
        })),
      );
  }

  /** What is wrong with the answer; undefined: nothing, or it is none that is described. */
  fault({ method, path, status, contentType, body }: Exchange): string | undefined {
    if (!isDescribed(path)) return undefined;
    const asked = method === "HEAD" ? "GET" : method;
    const operation = this.#operations.find((one) => one.method === asked && one.pattern.test(path));
    const told = `${method} ${path} answered ${status}`;
    if (operation === undefined) {
      return status === 404 || status === 405 ? undefined : `${told}, and is not described`;
    }
    const types = operation.answers.get(status);
    if (types === undefined)
      return `${told}, which ${operation.route} does not describe: ${body.slice(0, 300)}`;
    if (method === "HEAD") return undefined;
    if (types.size === 0) return body === "" ? undefined : `${told} with a body, and none is described`;
    const [type = ""] = contentType.split(";");
    const schema = types.get(type.trim());
    if (schema === undefined)
      return `${told} as '${contentType}', and ${[...types.keys()].join()} is described`;
    let value: unknown = body;
    if (type.trim() === "application/json") {
      try {
        value = JSON.parse(body);
      } catch {
        return `${told} with what is no JSON: ${body.slice(0, 300)}`;
      }
    }
    const validate = this.#validatorOf(schema);
    if (validate(value)) return undefined;
    return `${told} with what ${operation.route} does not describe: ${this.#validator.errorsText(validate.errors)}: ${body.slice(0, 600)}`;
  }

  #validatorOf(schema: object): ValidateFunction {
    let known = this.#compiled.get(schema);
    if (known === undefined) {
      known = this.#validator.compile(schema);
      this.#compiled.set(schema, known);
    }
    return known;
  }
}

/** A model's name may have slashes. */
function patternOf(path: string): RegExp {
  const literal = path.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
  return new RegExp(`^${literal.replace(/\{name\}/g, ".+").replace(/\{\w+\}/g, "[^/]+")}$`);
}

/**
 * The same with objects that have no other fields than those that are described. Published as it is, since a client must bear
 * fields that it does not know; a field that nobody described is a fault here.
 */
function closed<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value), (name, each: unknown) => {
    if (name === "$ref" && typeof each === "string") return `doc${each}`;
    if (typeof each !== "object" || each === null || !("properties" in each)) return each;
    return "type" in each && !("additionalProperties" in each)
      ? { ...each, additionalProperties: false }
      : each;
  });
}
