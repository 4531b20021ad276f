import type { EventKind } from "../../../../shared/api/event-kinds.ts";

const kinds: Record<EventKind, string> = {
  agent_registered: "Machine added",
  agent_online: "Machine connected",
  agent_offline: "Machine disconnected",
  agent_yields: "Its owner needs the machine",
  agent_shares: "Machine shares again",
  agent_owner_rules: "Its owner changed what is allowed",
  agent_changed: "Machine changed",
  agent_drained: "Machine drained",
  agent_resumed: "Machine takes work again",
  agent_disconnected: "Connection closed by an operator",
  agent_removed: "Machine removed",
  identity_conflict: "Two machines use one identity",
  registration_refused: "Registration refused",
  pairing_asked: "Machine asks to be let in",
  pairing_approved: "Machine let in",
  pairing_rejected: "Machine turned away",
  pairing_code_unknown: "Unknown pairing code typed",
  join_token_created: "Join token created",
  join_token_deleted: "Join token deleted",
  key_created: "Key created",
  key_changed: "Key changed",
  key_revoked: "Key revoked",
  access_token_created: "Access token created",
  access_token_revoked: "Access token revoked",
  login: "Login",
  login_failed: "Login failed",
  logout: "Logout",
  settings_changed: "Settings changed",
  placement_changed: "Placement of a model changed",
  placement_removed: "Placement of a model removed",
  placement_pull_started: "Pull for a placement started",
  placement_pull_done: "Pull for a placement done",
  placement_pull_failed: "Pull for a placement failed",
  placement_pull_cancelled: "Pull for a placement cancelled",
  history_row_refused: "History refused a row",
};

/** What to know or do about those that explain themselves badly. */
const hints: Partial<Record<EventKind, string>> = {
  identity_conflict:
    "Two machines use the same agent token, as a copied disk does. Remove the state directory on one of them and add it anew.",
  registration_refused: "Somebody tried to register with a token that is not valid, used up or expired.",
  pairing_code_unknown: "A code was typed that no waiting machine shows. It may have expired.",
  login_failed:
    "A wrong token came from this address. If it was none of you, nothing is lost: after ten of them the address has to wait.",
  placement_pull_failed:
    "It is tried again by itself, with longer and longer pauses. The error says why it failed.",
  history_row_refused:
    "The history database took other rows, but not this one. Look at the coordinator's log, and report it.",
  agent_offline: "If nobody switched it off, look at the machine's network and power settings.",
};

export const en = {
  label: "Events",
  column: { at: "Time", what: "What", about: "About", machine: "Machine", who: "Who", change: "Details" },
  itself: "by itself",
  live: "New events appear by themselves.",
  loaded: (n: string) => `${n} loaded`,
  all: (n: string) => `${n} in all`,
  loading: "Loading more…",
  moreFailed: "Older events could not be loaded.",
  empty: "Nothing has happened yet",
  emptyText:
    "Here stands who changed what, and which machines came and went. The first entry comes with the first machine.",
  addMachine: "Add a machine",
  filter: {
    label: "Filters",
    kind: "Kind",
    machine: "Machine",
    actor: "Who",
    anyKind: "Any kind",
    anyMachine: "Any machine",
    anyActor: "Anybody",
    from: "From",
    to: "To",
    clear: "Clear filters",
    remove: (what: string) => `Remove the filter: ${what}`,
    none: "No event passes these filters",
    noneText: "These filters hold. Remove one of them, or all.",
    command: "Clear the filters of events",
  },
  dialog: {
    field: "Field",
    before: "Before",
    after: "After",
    nothing: "nothing",
    changes: "What changed",
    details: "Details",
    noDetails: "There is nothing more to tell.",
    similar: "Events of this kind",
    unknown: "This page does not know this kind: the coordinator may be newer.",
  },
  kinds,
  hints,
};

export type Text = typeof en;
