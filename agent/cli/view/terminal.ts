/** What a view needs of standard output. */
export interface Terminal {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  readonly rows: number | undefined;
  write(text: string): void;
  /** The function returned ends it. */
  onResize(listener: () => void): () => void;
}

export function terminalOf(stream: NodeJS.WriteStream): Terminal {
  return {
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      // A pseudo-terminal that nobody has sized says 0.
      return stream.isTTY && stream.columns > 0 ? stream.columns : undefined;
    },
    get rows() {
      return stream.isTTY && stream.rows > 0 ? stream.rows : undefined;
    },
    write: (text) => void stream.write(text),
    onResize(listener) {
      stream.on("resize", listener);
      return () => stream.off("resize", listener);
    },
  };
}

/** Colours are for eyes: not for a pipe, and not for who has said no (no-color.org). */
export function wantsColour(terminal: Terminal, env: Readonly<Record<string, string | undefined>>): boolean {
  return terminal.isTTY && (env.NO_COLOR === undefined || env.NO_COLOR === "") && env.TERM !== "dumb";
}
