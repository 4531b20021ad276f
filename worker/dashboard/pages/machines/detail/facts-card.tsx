import type { AgentView } from "../../../../../shared/api/agents.ts";
import { fmt } from "../../../lib/fmt.ts";
import { common } from "../../../text/common/index.ts";
import { machinesText } from "../../../text/machines/index.ts";
import { Card, Facts } from "../../../ui/card.tsx";
import { CopyButton } from "../../../ui/copy.tsx";
import { Name } from "../../../ui/name.tsx";
import { RelativeTime } from "../../../ui/relative-time.tsx";
import { Load } from "../load.tsx";
import { Uptime } from "../machine-columns.tsx";

export function FactsCard({ machine }: { machine: AgentView }) {
  const t = machinesText.value;
  const d = t.detail;
  const share = (allowed: boolean): string => (allowed ? d.yes : d.no);
  return (
    <Card title={d.facts}>
      <Facts
        items={[
          [
            t.column.work,
            `${fmt.count(machine.active_requests)} / ${fmt.count(machine.max_concurrency)}${
              machine.queued_requests > 0 ? ` ${t.waitingCount(fmt.count(machine.queued_requests))}` : ""
            }`,
          ],
          [d.speed, fmt.decimal(machine.tokens_per_second)],
          [t.column.cpu, <Load key="cpu" value={machine.cpu_usage} />],
          [t.column.memory, <Memory key="memory" machine={machine} />],
          [d.gpus, <Gpus key="gpus" machine={machine} />],
          [d.disk, fmt.mib(machine.disk_free_mb)],
          [d.total, `${fmt.count(machine.total_requests)}, ${d.failed(fmt.count(machine.failed_requests))}`],
          [d.connected, <Uptime key="uptime" since={machine.connected_at} />],
          [
            d.seen,
            machine.connected_at === null ? (
              <RelativeTime key="seen" at={machine.last_seen} />
            ) : (
              common.value.now
            ),
          ],
          [d.registered, <RelativeTime key="registered" at={machine.registered_at} />],
          [d.os, <Name key="os" value={machine.os} />],
          [d.machineName, <Name key="machine" value={machine.machine_name} />],
          [d.ip, <Name key="ip" value={machine.ip_address} mono />],
          [
            d.ollama,
            <span key="ollama">
              <Name value={machine.ollama_version} />{" "}
              <span class="muted small">{d.ollamaPort(String(machine.ollama_port))}</span>
            </span>,
          ],
          [d.agent, <Name key="agent" value={machine.agent_version} />],
          [d.weight, fmt.decimal(machine.weight)],
          [d.manage, share(machine.allow_manage)],
          [d.cloud, share(machine.allow_cloud)],
          [
            d.id,
            <span key="id" class="row">
              <span class="mono small">{machine.id}</span>
              <CopyButton text={machine.id} label={d.copyId} size="sm" />
            </span>,
          ],
        ]}
      />
      {machine.note !== "" && (
        <div class="machines-note">
          <h3>{d.note}</h3>
          <bdi dir="auto" class="machines-note-text wrap-anywhere">
            {machine.note}
          </bdi>
        </div>
      )}
    </Card>
  );
}

function Memory({ machine }: { machine: AgentView }) {
  return (
    <>
      <Load value={machine.memory_usage} />
      {machine.memory_total_mb !== null && (
        <span class="muted small"> / {fmt.mib(machine.memory_total_mb)}</span>
      )}
    </>
  );
}

function Gpus({ machine }: { machine: AgentView }) {
  if (machine.gpus.length === 0) return <>–</>;
  return (
    <ul>
      {machine.gpus.map((gpu, at) => (
        <li key={at}>
          <Name value={gpu.name} />{" "}
          <span class="muted small">
            {gpu.utilization !== undefined && `${fmt.percent(gpu.utilization)}, `}
            {fmt.mib(gpu.memory_used_mb)} / {fmt.mib(gpu.memory_total_mb)}
          </span>
        </li>
      ))}
    </ul>
  );
}
