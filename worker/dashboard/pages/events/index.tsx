import { common } from "../../text/common/index.ts";
import { eventsText } from "../../text/events/index.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import { EmptyState } from "../../ui/states.tsx";

export default function EventsPage() {
  return (
    <>
      <PageHeader title={common.value.nav.events} />
      <EmptyState title={eventsText.value.empty} />
    </>
  );
}
