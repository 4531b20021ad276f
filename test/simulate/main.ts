import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { STRATEGIES, type StrategyName } from "../../shared/api/settings.ts";
import { OPTIONS } from "./options.ts";
import { report } from "./report.ts";
import { readScenario, ScenarioError } from "./scenario.ts";
import { simulate } from "./simulate.ts";
import { svg } from "./svg.ts";

const USAGE = `npm run simulate -- --scenario FILE [--strategy NAME] [--short] [--svg FILE] [--json]

  --scenario FILE   what to simulate; see docs/simulator.md and test/simulate/scenarios
  --strategy NAME   only ${STRATEGIES.join(", ")}; all of them otherwise
  --short           at most 2,000 requests
  --svg FILE        draw the result
  --json            print the result as JSON`;

/** What was asked for cannot be done: said in one line, exit code 2. */
class UsageError extends Error {}

function main(args: string[]): void {
  const options = parsed(args);
  if (options.help === true) {
    console.log(USAGE);
    return;
  }
  if (options.scenario === undefined) throw new UsageError("--scenario FILE is missing");
  const scenario = readScenario(options.scenario);
  const strategies = options.strategy === undefined ? STRATEGIES : [strategyOf(options.strategy)];
  const { result, runs } = simulate(scenario, { strategies, short: options.short === true });
  console.log(options.json === true ? JSON.stringify(result, undefined, 2) : report(result));
  if (options.svg !== undefined) writeFileSync(options.svg, svg(result, runs));
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause));
  }
}

function strategyOf(name: string): StrategyName {
  const known = STRATEGIES.find((each) => each === name);
  if (known === undefined) throw new UsageError(`--strategy: ${name} is none of ${STRATEGIES.join(", ")}`);
  return known;
}

try {
  main(process.argv.slice(2));
} catch (cause) {
  if (!(cause instanceof UsageError || cause instanceof ScenarioError)) throw cause;
  console.error(cause.message);
  process.exitCode = 2;
}
