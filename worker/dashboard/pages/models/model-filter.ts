import type { ModelView } from "../../../../shared/api/models.ts";

export const SHOWS = ["loaded", "conflict", "placement", "trouble"] as const;
export type Show = (typeof SHOWS)[number];
export const isShow = (text: string): text is Show => SHOWS.some((show) => show === text);

/** Whether something that was asked for is not so, and nothing is on its way. */
export const isTrouble = ({ placement }: ModelView): boolean =>
  placement !== null && (placement.state.problem !== null || placement.state.missing > 0);

const PASSES: Record<Show, (model: ModelView) => boolean> = {
  loaded: ({ agents }) => agents.some(({ loaded }) => loaded),
  conflict: ({ conflict }) => conflict,
  placement: ({ placement }) => placement !== null,
  trouble: (model) => model.conflict || isTrouble(model),
};

export function filterModels(
  models: readonly ModelView[],
  filter: { text: string; show: string },
): readonly ModelView[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const passes = isShow(filter.show) ? PASSES[filter.show] : undefined;
  if (words.length === 0 && passes === undefined) return models;
  return models.filter((model) => {
    if (passes?.(model) === false) return false;
    if (words.length === 0) return true;
    const text = [model.name, ...model.agents.map(({ name }) => name)].join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
