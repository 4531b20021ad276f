/**
 * What a page can show of Markdown. There is no HTML in it and no place for any: elements are made of it one by one, so an
 * answer cannot bring any of its own.
 */
export type Inline =
  | string
  | { kind: "strong" | "em" | "del"; children: Inline[] }
  | { kind: "code"; text: string }
  /** @param href of a scheme that harms nobody */
  | { kind: "link"; href: string; children: Inline[] }
  | { kind: "check"; checked: boolean }
  | { kind: "break" };

export type Align = "left" | "right" | "center" | null;

export type Block =
  | { kind: "paragraph"; children: Inline[] }
  /** @param level 1 to 6 */
  | { kind: "heading"; level: number; children: Inline[] }
  | { kind: "code"; text: string; language: string }
  | { kind: "quote"; blocks: Block[] }
  /** @param start number of the first item; undefined: a list without numbers */
  | { kind: "list"; start: number | undefined; items: Block[][] }
  | { kind: "table"; align: Align[]; header: Inline[][]; rows: Inline[][][] }
  | { kind: "rule" };
