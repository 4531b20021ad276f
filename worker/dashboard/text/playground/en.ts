export const en = {
  empty: "There is nothing here yet.",
};

export type Text = typeof en;
