/** `absent`: no agent runs there. `busy`: one runs already. `failed`: anything else, between two that should understand each other. */
export type ControlFailure = "absent" | "busy" | "failed";

/** One line for a person: what, where, what to do. */
export class ControlError extends Error {
  override readonly name = "ControlError";
  readonly kind: ControlFailure;

  constructor(kind: ControlFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

export function noAgent(stateDir: string): ControlError {
  return new ControlError(
    "absent",
    `no agent runs with state directory ${stateDir}: start it with \`agent run\``,
  );
}
