import { type ReadonlySignal, signal } from "@preact/signals";

/** The width of style/table.css from which a table is a list of cards, whose heights have to be measured. */
const query = matchMedia("(max-width: 700px)");
const narrow = signal(query.matches);
query.addEventListener("change", (event) => {
  narrow.value = event.matches;
});

export const isNarrow: ReadonlySignal<boolean> = narrow;
