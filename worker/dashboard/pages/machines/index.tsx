import { common } from "../../text/common/index.ts";
import { machinesText } from "../../text/machines/index.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import { EmptyState } from "../../ui/states.tsx";

export default function MachinesPage() {
  return (
    <>
      <PageHeader title={common.value.nav.machines} />
      <EmptyState title={machinesText.value.empty} />
    </>
  );
}
