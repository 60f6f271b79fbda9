// SPDX-License-Identifier: Apache-2.0

/// Every metric that there is. What the code counts and is not here is refused, so that docs/metrics.md, the dashboard
/// and the alerts can't miss one.
///
/// No label holds an address, a name or an id of a message: whoever reads metrics need not be allowed to read mail.
package enum MetricCatalog {
    package static let definitions = reception + chain + queue + delivery + storage + workers + process

    private static let reception: [MetricDefinition] = [
        .counter(
            "sluice_messages_total", by: ["listener", "disposition"],
            "Messages decided about, and refusals before DATA that were recorded, by disposition."),
        .counter(
            "sluice_refusals_unrecorded_total",
            "Refusals before DATA past ten a minute from one client: counted here and not recorded."),
        .gauge("sluice_sessions", by: ["protocol"], "Sessions under way: of SMTP clients, and of MTAs by milter."),
        .counter("sluice_sessions_opened_total", by: ["protocol"], "Sessions that were let in."),
        .counter(
            "sluice_sessions_refused_total", by: ["protocol", "reason"],
            "Sessions past a limit: of all, of one client, or of one network."),
        .gauge("sluice_content_memory_bytes", "Memory that holds content of transactions under way."),
        .counter("sluice_logins_total", by: ["outcome"], "Logins: accepted, refused, or not checked as locked out."),
    ]

    private static let chain: [MetricDefinition] = [
        .counter("sluice_stage_outcomes_total", by: ["stage", "outcome"], "Runs of a stage, by how they ended."),
        .histogram(
            "sluice_stage_duration_seconds", by: ["stage"],
            buckets: [
                0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30,
            ],
            "How long a run of a stage took, skipped ones left out."),
        .gauge("sluice_pipelines", by: ["state"], "Messages in the chain (running), and before it (waiting)."),
    ]

    private static let queue: [MetricDefinition] = [
        .gauge("sluice_queue_recipients", by: ["state"], "Recipients that are not finished, by state."),
        .gauge(
            "sluice_queue_oldest_age_seconds", by: ["state"],
            "How long ago the oldest message with a recipient in that state was accepted; 0 where there is none."),
        .gauge("sluice_queue_messages", "Messages of which a recipient is not finished."),
        .gauge("sluice_queue_bytes", "Content of the messages in the queue, those in quarantine among them."),
        .gauge("sluice_quarantine_bytes", "Content of messages in quarantine."),
        .gauge("sluice_quarantine_limit_bytes", "What quarantine.size allows."),
    ]

    private static let delivery: [MetricDefinition] = [
        .counter(
            "sluice_deliveries_total", by: ["outcome", "reply"],
            "What an attempt brought for a recipient, and the class of the next hop's reply; none where there was none."
        ),
        .histogram(
            "sluice_delivery_attempt_duration_seconds",
            buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300],
            "How long one attempt to deliver took, with looking up the host and connecting."),
        .histogram(
            "sluice_delivery_delay_seconds",
            buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14400, 86400, 432_000],
            "From the acceptance of a message to its delivery to a recipient."),
        .gauge("sluice_delivery_attempts", "Attempts to deliver under way."),
    ]

    private static let storage: [MetricDefinition] = [
        .histogram(
            "sluice_journal_sync_duration_seconds",
            buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
            "How long writing and syncing one batch of the journal took."),
        .histogram(
            "sluice_journal_batch_transactions", buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
            "Transactions that shared one sync of the journal."),
        .counter("sluice_journal_failures_total", "Batches that could not be written or synced."),
        .counter("sluice_ledger_records_total", "State records in the ledger's chain."),
        .counter(
            "sluice_history_dropped_total", "Refusals that the history did not take as too many entries waited."),
        .gauge("sluice_history_pending", "Entries of the history that wait to be written."),
        .gauge("sluice_state_bytes", by: ["part"], "Size of the files of journal, ledger and history."),
        .gauge("sluice_history_limit_bytes", "What history.size allows."),
        .gauge(
            "sluice_disk_spare_bytes",
            "Room for new messages on the state directory's disk, beside what is kept for outcomes of deliveries; below 0 mail is deferred."
        ),
    ]

    private static let workers: [MetricDefinition] = [
        .gauge("sluice_workers", by: ["state"], "Scanner processes: starting, idle or busy."),
        .gauge("sluice_worker_scans_waiting", "Scans that wait for a process."),
        .counter("sluice_worker_starts_total", "Scanner processes that were started."),
        .counter("sluice_worker_failures_total", "Scanner processes that died, hung or could not be started."),
    ]

    /// The names for the process itself are those that Prometheus's own libraries use.
    private static let process: [MetricDefinition] = [
        .gauge("sluice_build_info", by: ["version"], "Always 1; the label says which version runs."),
        .counter("sluice_metrics_overflows_total", "Series past the limit of their metric, counted under other."),
        .gauge("process_resident_memory_bytes", "Memory of the relay itself, without the scanner processes."),
        .gauge("process_virtual_memory_bytes", "Address space of the relay itself."),
        .counter("process_cpu_seconds_total", "Processor time of the relay itself, user and system."),
        .gauge("process_open_fds", "Open descriptors."),
        .gauge("process_max_fds", "How many descriptors may be open."),
        .gauge("process_start_time_seconds", "When the relay was started, in seconds since 1970."),
    ]
}
